from django.db import migrations


class Migration(migrations.Migration):
    """Indexes that nothing reads any more: reports count from packed columns, and no customer is
    looked for by the beginning of a key."""

    dependencies = [
        ("surveys", "0022_phones"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="invitation", name="invitation_of_resolution"),
        migrations.RemoveIndex(model_name="resolution", name="resolution_snapshot"),
        # Django makes it for LIKE beside every unique text.
        migrations.RunSQL(
            "DROP INDEX IF EXISTS surveys_customer_key_b8a39363_like",
            "CREATE INDEX surveys_customer_key_b8a39363_like"
            " ON surveys_customer (key varchar_pattern_ops)",
        ),
    ]
