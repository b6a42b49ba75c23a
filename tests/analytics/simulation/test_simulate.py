"""Made-up cases are the same for the same seed, counted right, and marked as samples."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analytics import aggregates, simulation
from analytics.simulation import draw, world
from surveys.models import AnswerChange, Case, Invitation, Resolution, Response

LAST = dt.date(2026, 11, 20)


def test_the_same_seed_draws_the_same() -> None:
    truth = world(4)
    first, second = draw(truth, 4, 500, 30, 0.5), draw(world(4), 4, 500, 30, 0.5)
    assert (first.cause == second.cause).all()
    assert all((first.ratings[name] == second.ratings[name]).all() for name in first.ratings)
    assert (draw(world(5), 5, 500, 30, 0.5).cause != first.cause).any()


@pytest.mark.django_db
def test_what_is_loaded_is_counted_and_marked() -> None:
    made = simulation.simulate(400, 1, last_day=LAST, days=60)
    assert (made.cases, made.responses) == (400, Response.objects.count())
    assert Case.objects.filter(is_sample=True).count() == Resolution.objects.count() == 400
    assert not Response.objects.filter(is_sample=False).exists()
    assert Invitation.objects.filter(token_hash=b"").count() == 0
    resolved = Resolution.objects.order_by("resolved_at")
    days = [one.resolved_at.date() for one in resolved]
    assert LAST - dt.timedelta(days=59) <= days[0]
    assert days[-1] <= LAST
    assert aggregates.verify() == []


@pytest.mark.django_db
def test_uncounted_answers_wait_for_the_workers() -> None:
    made = simulation.simulate(200, 1, last_day=LAST, counted=False)
    assert AnswerChange.objects.count() == made.responses > 0
    assert aggregates.apply_all(limit=50).n == made.responses
    assert aggregates.verify() == []


@pytest.mark.django_db(transaction=True)
def test_the_command_refuses_the_same_seed_twice_and_writes_the_truth(tmp_path: Path) -> None:
    out, truth = StringIO(), tmp_path / "truth.json"
    asked = ["--cases", "50", "--seed", "9", "--agents", "3", "--causes", "2"]
    call_command("simulate", *asked, "--truth", str(truth), "--json", stdout=out)
    assert json.loads(out.getvalue())["cases"] == 50
    assert len(json.loads(truth.read_text())["agents"]) == 3
    with pytest.raises(CommandError, match="seed 9 are there already"):
        call_command("simulate", *asked)
    assert Case.objects.count() == 50
    simulation.simulate(20, 10, last_day=LAST, agents=2, causes=1)
    assert Case.objects.count() == 70
    assert aggregates.verify() == []
