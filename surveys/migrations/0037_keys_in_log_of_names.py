"""The log of the names of teams and products names the key of the API that made a change."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0036_keys_in_logs'),
    ]

    operations = [
        migrations.AddField(
            model_name='dimensionchange',
            name='by_key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='surveys.apikey'),
        ),
    ]
