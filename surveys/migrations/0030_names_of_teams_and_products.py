"""Former names of teams and products, and a log of what was renamed or merged."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0029_cause_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='former', to='surveys.product'),
        ),
        migrations.AddField(
            model_name='team',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='former', to='surveys.team'),
        ),
        migrations.CreateModel(
            name='DimensionChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(choices=[('team', 'Team'), ('product', 'Product')], max_length=10)),
                ('kind', models.CharField(choices=[('renamed', 'Renamed'), ('merged', 'Merged'), ('undone', 'Undone')], max_length=10)),
                ('name', models.CharField(max_length=200)),
                ('into', models.CharField(max_length=200)),
                ('n_resolutions', models.PositiveIntegerField(default=0)),
                ('n_answers', models.PositiveIntegerField(default=0)),
                ('was', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undoes', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='surveys.dimensionchange')),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
    ]
