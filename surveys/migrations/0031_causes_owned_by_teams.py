"""A cause may belong to a team in place of a person."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0030_names_of_teams_and_products'),
    ]

    operations = [
        migrations.AddField(
            model_name='cause',
            name='owner_team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='causes', to='surveys.team'),
        ),
        migrations.AddConstraint(
            model_name='cause',
            constraint=models.CheckConstraint(condition=models.Q(('owner', None), ('owner_team', None), _connector='OR'), name='cause_owned_by_one'),
        ),
    ]
