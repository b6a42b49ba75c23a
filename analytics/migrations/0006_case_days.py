from django.db import migrations, models

NOTE = """
CREATE FUNCTION analytics_note_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO analytics_casechange (day)
        SELECT DISTINCT (resolved_at AT TIME ZONE 'UTC')::date FROM came;
    END IF;
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        INSERT INTO analytics_casechange (day)
        SELECT DISTINCT (resolved_at AT TIME ZONE 'UTC')::date FROM went;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER analytics_cases_came AFTER INSERT ON surveys_resolution
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION analytics_note_cases();
CREATE TRIGGER analytics_cases_changed AFTER UPDATE ON surveys_resolution
    REFERENCING NEW TABLE AS came OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION analytics_note_cases();
CREATE TRIGGER analytics_cases_went AFTER DELETE ON surveys_resolution
    REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION analytics_note_cases();
INSERT INTO analytics_caseday (day, cause_id, n)
    SELECT (resolved_at AT TIME ZONE 'UTC')::date, cause_id, count(*) FROM surveys_resolution
    WHERE cause_id IS NOT NULL GROUP BY 1, 2;
"""
FORGET = """
DROP TRIGGER analytics_cases_came ON surveys_resolution;
DROP TRIGGER analytics_cases_changed ON surveys_resolution;
DROP TRIGGER analytics_cases_went ON surveys_resolution;
DROP FUNCTION analytics_note_cases();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0005_answer_blocks'),
        ('surveys', '0012_causes_are_merged'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='CaseDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('cause_id', models.BigIntegerField()),
                ('n', models.IntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'cause_id'), name='case_day')],
            },
        ),
        migrations.RunSQL(NOTE, FORGET),
    ]
