"""What the agents' page says where nobody's work can be told from what lands on their desk."""

from __future__ import annotations

import pytest
from django.utils import timezone

from analytics import reports
from analytics.aggregates import apply_all
from analytics.filters import Filters
from surveys.models import User
from surveys.services import sample
from surveys.services.access import EVERYTHING
from tests.analytics.console.test_report_pages import text_of
from tests.analytics.console.test_strangers import rate
from tests.factories import AgentFactory, CauseFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db


def test_without_anybody_to_compare_there_are_no_lines_and_the_page_says_why() -> None:
    for name, code in (("Ada", "net"), ("Ben", "bill")):
        rate(AgentFactory(name=name, team=None), CauseFactory(code=code), 35)
    apply_all()
    said = text_of(client_of(User.Role.MANAGER), "/agents/")
    assert "Without lines: here nobody’s work can be" in said
    assert "it takes two agents with 10 ratings each whose work can be" in said


def test_most_agents_of_the_sample_can_be_told_from_what_lands_on_their_desks() -> None:
    sample.load_sample(1_500, 1, timezone.now(), lambda _: None)
    apply_all()
    rows = [row for row in reports.agents(Filters(), EVERYTHING).results if not row.too_few]
    assert sum(row.separable is True for row in rows) > len(rows) / 2 > 10
