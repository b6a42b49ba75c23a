from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0009_published_versions_stay_whole'),
    ]

    operations = [
        migrations.CreateModel(
            name='TranslationSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=35)),
                ('name', models.CharField(max_length=80)),
                ('text', models.CharField(max_length=16)),
                ('source', models.CharField(max_length=500)),
                ('questionnaire', models.ForeignKey(db_index=False, on_delete=models.deletion.CASCADE, related_name='+', to='surveys.questionnaire')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('questionnaire', 'language', 'name', 'text'), name='translation_source_once')],
            },
        ),
    ]
