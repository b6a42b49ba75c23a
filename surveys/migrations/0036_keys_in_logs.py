"""Logs of changes name the key of the API that made one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0035_follow_ups_of_wishes'),
    ]

    operations = [
        migrations.AddField(
            model_name='agentchange',
            name='by_key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='surveys.apikey'),
        ),
        migrations.AddField(
            model_name='causechange',
            name='by_key',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='surveys.apikey'),
        ),
        migrations.AlterField(
            model_name='causechange',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
