"""One constraint for the columns of a scale instead of one for each.

PostgreSQL reads the text of each constraint anew for every answer. They are not checked against
the rows there are yet: that takes a lock under which no answer is stored. The next migration does.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models.functions import Greatest, Least
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

FIVE = ("f1", "f2", "c1", "c2", "o1", "o2")
FOUR = ("s1", "c3")


class Migration(migrations.Migration):
    dependencies = [("surveys", "0038_words_of_suppressions")]

    operations = [
        *[
            migrations.RemoveConstraint("response", f"response_{column}_in_range")
            for column in (*FIVE, *FOUR, "c4")
        ],
        *[
            AddConstraintNotValid(
                "response",
                models.CheckConstraint(
                    condition=GreaterThanOrEqual(Least(*columns), 1)
                    & LessThanOrEqual(Greatest(*columns), top),
                    name=f"response_{'_'.join(columns)}_in_range",
                ),
            )
            for columns, top in ((FIVE, 5), (FOUR, 4))
        ],
        AddConstraintNotValid(
            "response",
            models.CheckConstraint(
                condition=models.Q(c4__gte=1, c4__lte=6), name="response_c4_in_range"
            ),
        ),
        # Statements of ours alone count revisions, from one upwards: no constraint for each answer.
        migrations.AlterField("response", "n_revisions", models.IntegerField(default=1)),
        migrations.AlterField("responserevision", "number", models.IntegerField()),
    ]
