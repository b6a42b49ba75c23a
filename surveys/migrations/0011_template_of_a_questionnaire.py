"""Which template of the gallery a questionnaire began as."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0010_translation_sources")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="questionnaire",
            name="template",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
    ]
