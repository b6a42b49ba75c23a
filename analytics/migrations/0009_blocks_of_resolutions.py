from importlib import import_module

from django.db import migrations, models

# Nothing here joins a table of the changed rows with another: its plan is made once for a session,
# for as many rows as there were the first time. EXCEPT and one look-up per row cost the same
# whatever the plan took them for.
NOTE = """
CREATE FUNCTION analytics_note_resolutions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
        SELECT (resolved_at AT TIME ZONE 'UTC')::date, count(*), FALSE FROM came GROUP BY 1;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
        SELECT DISTINCT (resolved_at AT TIME ZONE 'UTC')::date, 0, FALSE FROM went;
    ELSE
        INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
        SELECT (resolved_at AT TIME ZONE 'UTC')::date, sum(n), FALSE FROM (
            (SELECT 1 AS n, id, resolved_at, team_id, product_id, cause_id, channel FROM came
             EXCEPT SELECT 1, id, resolved_at, team_id, product_id, cause_id, channel FROM went)
            UNION ALL
            (SELECT 0, id, resolved_at, team_id, product_id, cause_id, channel FROM went
             EXCEPT SELECT 0, id, resolved_at, team_id, product_id, cause_id, channel FROM came)
        ) AS changed GROUP BY 1;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION analytics_note_invitations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
        SELECT day, 0, FALSE FROM (SELECT DISTINCT {day} AS day FROM came)
            AS found WHERE day IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
        SELECT day, 0, FALSE FROM (SELECT DISTINCT {day} AS day FROM went)
            AS found WHERE day IS NOT NULL;
    ELSE
        INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
        SELECT day, 0, FALSE FROM (SELECT DISTINCT {day} AS day FROM (
            (SELECT id, resolution_id, version_id, language, {state} FROM came
             EXCEPT SELECT id, resolution_id, version_id, language, {state} FROM went)
            UNION ALL
            (SELECT id, resolution_id, version_id, language, {state} FROM went
             EXCEPT SELECT id, resolution_id, version_id, language, {state} FROM came)
        ) AS changed) AS found WHERE day IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION analytics_note_agents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
        SELECT day, 0, FALSE FROM (SELECT DISTINCT {day} AS day FROM came)
            AS found WHERE day IS NOT NULL;
    END IF;
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
        SELECT day, 0, FALSE FROM (SELECT DISTINCT {day} AS day FROM went)
            AS found WHERE day IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

-- An answer that comes or changes is noted when it is counted: answering is not to pay for it.
CREATE FUNCTION analytics_note_erased_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
    SELECT day, 0, FALSE FROM (
        SELECT DISTINCT (SELECT (r.resolved_at AT TIME ZONE 'UTC')::date FROM surveys_resolution AS r
            WHERE r.id = (SELECT i.resolution_id FROM surveys_invitation AS i
                          WHERE i.id = went.invitation_id)) AS day FROM went) AS found WHERE day IS NOT NULL;
    RETURN NULL;
END $$;
""".format(
    # Written out: a function of SQL would be started anew for each row.
    day="(SELECT (r.resolved_at AT TIME ZONE 'UTC')::date FROM surveys_resolution AS r"
    " WHERE r.id = resolution_id)",
    state="CASE WHEN status IN ('sent', 'unknown', 'failed', 'expired') THEN status = 'failed' END,"
    " bounced_at IS NULL, CASE WHEN status IN ('sent', 'unknown', 'failed', 'expired')"
    " THEN COALESCE(sent_at, due_at) END"
)
TRIGGERS = "".join(
    f"""
CREATE TRIGGER analytics_{name}_came AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION analytics_note_{name}();
CREATE TRIGGER analytics_{name}_changed AFTER UPDATE ON {table}
    REFERENCING NEW TABLE AS came OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION analytics_note_{name}();
CREATE TRIGGER analytics_{name}_went AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION analytics_note_{name}();
"""
    for name, table in (
        ("resolutions", "surveys_resolution"),
        ("invitations", "surveys_invitation"),
        ("agents", "surveys_resolutionagent"),
    )
) + """
CREATE TRIGGER analytics_erased_answers_went AFTER DELETE ON surveys_response
    REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION analytics_note_erased_answers();
"""
FORGET = """
DROP FUNCTION analytics_note_resolutions() CASCADE;
DROP FUNCTION analytics_note_invitations() CASCADE;
DROP FUNCTION analytics_note_agents() CASCADE;
DROP FUNCTION analytics_note_erased_answers() CASCADE;
"""
# The job packs the days, those that are asked for most first; until then rows are counted.
UNPACKED = """
INSERT INTO analytics_resolutionchange (day, n, is_unpacked)
    SELECT (resolved_at AT TIME ZONE 'UTC')::date AS day, count(*), TRUE FROM surveys_resolution
    GROUP BY 1 ORDER BY 1 DESC;
"""


# The counts of cases by day and cause, which the blocks tell as well.
DROP_CASES = """
DROP FUNCTION analytics_note_cases() CASCADE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0008_preventive_actions'),
        ('surveys', '0014_invitations_by_the_time_they_were_sent'),
    ]

    operations = [
        migrations.CreateModel(
            name='ResolutionBlock',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('day', models.DateField(unique=True)),
                ('n', models.IntegerField()),
                ('data', models.BinaryField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE analytics_resolutionblock ALTER COLUMN data SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name='ResolutionChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('n', models.IntegerField()),
                ('is_unpacked', models.BooleanField()),
            ],
        ),
        migrations.AddField(
            model_name='aggregatestate',
            name='rests_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(DROP_CASES, import_module("analytics.migrations.0006_case_days").NOTE),
        migrations.DeleteModel('CaseChange'),
        migrations.DeleteModel('CaseDay'),
        migrations.RunSQL(NOTE, FORGET),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(UNPACKED, migrations.RunSQL.noop),
    ]
