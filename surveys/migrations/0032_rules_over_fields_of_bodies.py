"""Rules for causes may look at any field of a helpdesk's body."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0031_causes_owned_by_teams'),
    ]

    operations = [
        migrations.AddField(
            model_name='causerule',
            name='path',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AlterField(
            model_name='causerule',
            name='what',
            field=models.CharField(choices=[('cause', 'the cause as it arrived'), ('tag', 'one of the tags'), ('subject', 'the subject'), ('product', 'the product'), ('team', 'the team'), ('channel', 'the channel'), ('severity', 'the severity'), ('field', 'a field of the body')], max_length=10),
        ),
    ]
