from itertools import groupby
import secrets

from django.db import migrations, models

_COLUMNS = (
    "response_id", "answered_on", "resolved_on", "team_id", "agent_ids", "n_agents",
    "product_id", "cause_id", "channel", "language", "questionnaire_id", "arm",
    "f1", "f2", "c1", "c2", "c3", "o1",
)


def pack_what_is_counted(apps, schema_editor):
    from analytics.frames.blocks import pack

    counted = apps.get_model("analytics", "CountedResponse").objects.order_by("answered_on")
    block = apps.get_model("analytics", "AnswerBlock")
    found = counted.values_list(*_COLUMNS).iterator(chunk_size=10_000)
    for day, rows in groupby(found, key=lambda row: row[1]):
        held = list(rows)
        block.objects.create(id=secrets.randbits(63), day=day, n=len(held), data=pack(held))


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0004_sharing_is_logged_for_good'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnswerBlock',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('day', models.DateField(db_index=True)),
                ('n', models.IntegerField()),
                ('data', models.BinaryField()),
            ],
        ),
        # Small integers of many kinds compress little and are read often.
        migrations.RunSQL(
            "ALTER TABLE analytics_answerblock ALTER COLUMN data SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(pack_what_is_counted, migrations.RunPython.noop),
    ]
