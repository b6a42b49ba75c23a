

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0026_webhooks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='causechange',
            name='kind',
            field=models.CharField(choices=[('renamed', 'Renamed'), ('merged', 'Merged'), ('mapped', 'Mapped'), ('ruled', 'Rule changed'), ('ordered', 'Rules put in order'), ('applied', 'Rule applied to past cases'), ('split', 'Split'), ('undone', 'Undone')], max_length=10),
        ),
        migrations.CreateModel(
            name='CauseRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0)),
                ('what', models.CharField(choices=[('cause', 'the cause as it arrived'), ('tag', 'one of the tags'), ('subject', 'the subject'), ('product', 'the product'), ('team', 'the team'), ('channel', 'the channel'), ('severity', 'the severity')], max_length=10)),
                ('how', models.CharField(choices=[('equals', 'is'), ('contains', 'contains'), ('matches', 'looks like')], max_length=10)),
                ('text', models.CharField(max_length=200)),
                ('source', models.CharField(blank=True, max_length=100)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('cause', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='surveys.cause')),
                ('within', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='splits', to='surveys.cause')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
    ]
