"""What stands there already is in range, too. Answers are stored while this looks at it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("surveys", "0039_ranges_of_answers")]

    operations = [
        ValidateConstraint("response", f"response_{columns}_in_range")
        for columns in ("f1_f2_c1_c2_o1_o2", "s1_c3", "c4")
    ]
