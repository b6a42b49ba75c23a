from django.db import migrations, models


class Migration(migrations.Migration):
    """Mails are put in flight one and all; those that stay unknown are few. As long as an index
    holds the moment, noting it writes the whole row anew into every index."""

    dependencies = [
        ("surveys", "0023_fewer_indexes"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="delivery", name="delivery_unknown"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["id"], condition=models.Q(status="unknown"), name="delivery_unknown"
            ),
        ),
    ]
