"""What is removed after tests leaves no table that the planner takes for an empty one."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from surveys.models import Team
from tests.tidying import Tidying

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20_000


def _believed() -> int:
    """Rows that the planner expects of all teams."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) SELECT id FROM surveys_team")
        [(plans,)] = cursor.fetchall()
    return int(plans[0]["Plan"]["Plan Rows"])


def _fill() -> None:
    Team.objects.bulk_create(Team(name=f"Team {number}") for number in range(MANY))


@pytest.mark.parametrize("is_read", [False, True])
def test_no_table_is_believed_empty(is_read: bool) -> None:
    """Also where a session that somebody left behind has read it, so that its pages stay."""
    other = connection.copy()
    if is_read:
        other.set_autocommit(False)
        other.cursor().execute("SELECT FROM surveys_team")
    try:
        with transaction.atomic():
            _fill()
            transaction.set_rollback(True)
        Tidying().now()
        with transaction.atomic():
            _fill()
            assert _believed() > MANY / 20
            transaction.set_rollback(True)
    finally:
        other.close()
    Tidying().now()
