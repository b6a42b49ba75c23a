"""Rules give a cause where none came, in order, and leave every other case alone."""

from __future__ import annotations

import fnmatch
import os
import random
import re

import pytest
from django.core.cache import cache
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import reports
from analytics.aggregates import apply_all, verify
from analytics.filters import Filters
from surveys.models import Case, Cause, CauseChange, CauseRule, Resolution
from surveys.services import cause_history, cause_rule_list, causes
from surveys.services.access import EVERYTHING
from surveys.services.cause_moves import CauseError
from surveys.services.cause_rule_list import Wish
from surveys.services.cause_rules import Facts, Rule, decide, facts_of, fits, matches, plain
from tests.analytics.answered import answer
from tests.factories import NOW, CaseFactory, CauseFactory, InvitationFactory, ResolutionFactory
from tests.surveys.services.told import case, dump, take

LONG = int(os.environ.get("STABLEDOOR_LONG_EXAMPLES", "0"))
EXAMPLES = settings(max_examples=LONG or 100, deadline=None)

_WORDS = st.text(alphabet="abAB -*?é", max_size=6)
_RULES = st.builds(
    Rule,
    id=st.integers(1, 99),
    what=st.sampled_from(["cause", "tag", "subject"]),
    how=st.sampled_from(["equals", "contains", "matches"]),
    text=_WORDS.map(plain),
    source=st.sampled_from(["", "desk", "other"]),
    within=st.sampled_from([None, 1, 2]),
    cause=st.integers(1, 9),
)
_FACTS = st.builds(
    lambda source, cause, tags, subject: facts_of(
        source, {"tags": tags, "subject": subject, "cause": subject}, cause
    ),
    st.sampled_from(["desk", "other"]),
    st.sampled_from([None, 1, 2]),
    st.lists(_WORDS, max_size=3),
    _WORDS,
)


@EXAMPLES
@given(st.lists(_RULES, max_size=6), _FACTS)
def test_the_first_rule_that_fits_decides(rules: list[Rule], facts: Facts) -> None:
    fitting = [n for n, rule in enumerate(rules) if fits(rule, facts)]
    decided = decide(rules, facts)
    assert decided == (rules[fitting[0]] if fitting else None)
    # What does not fit may stand anywhere.
    assert decide([rules[n] for n in fitting], facts) == decided


@EXAMPLES
@given(st.lists(_RULES, max_size=4), _FACTS)
def test_a_rule_is_only_for_its_source_and_for_what_it_splits(
    rules: list[Rule], facts: Facts
) -> None:
    decided = decide(rules, facts)
    assert decided is None or decided.source in ("", facts.source)
    assert decided is None or decided.within == facts.cause


@EXAMPLES
@given(_WORDS.map(plain), _WORDS.map(plain))
def test_a_pattern_means_what_a_shell_means_by_it(pattern: str, text: str) -> None:
    assert matches(pattern, text) is bool(re.match(fnmatch.translate(pattern), text))


def test_a_pattern_of_stars_costs_no_more_than_its_length() -> None:
    assert not matches("*a" * 100 + "b", "a" * 500)


@pytest.mark.parametrize(
    ("how", "text", "tag", "is_found"),
    [
        ("equals", "Plan Change", "plan   change", True),
        ("equals", "Plan Change", "plan changes", False),
        ("contains", "STRASSE", "hauptstraße", True),
        ("contains", "%", "plan", False),
        ("matches", "plan*", "Plan-Change", True),
        ("matches", "plan_", "planx", False),
        ("matches", "?la[nm]", "plan", False),
    ],
)
def test_texts_are_compared_as_people_read_them(
    how: str, text: str, tag: str, is_found: bool
) -> None:
    rule = Rule(1, "tag", how, plain(text), "", None, 1)
    assert fits(rule, facts_of("desk", {"tags": ["vip", tag]}, None)) is is_found


def _wish(cause: str = "plan", **fields: str) -> Wish:
    return Wish(**({"what": "tag", "how": "equals", "text": "vip", "cause": cause} | fields))


def _codes() -> list[str | None]:
    found = Resolution.objects.order_by("case__external_id", "resolved_at")
    return list(found.values_list("cause__code", flat=True))


@pytest.mark.django_db
def test_a_rule_gives_a_cause_to_what_came_with_none_or_an_unknown_one() -> None:
    for code in ("plan", "other"):
        CauseFactory.create(code=code)
    cause_rule_list.add(_wish())
    take(
        case(external_id="1", cause=None),
        case(external_id="2", cause="never-seen"),
        case(external_id="3", cause="other"),
        case(external_id="4", cause=None, tags=["slow"]),
    )
    assert _codes() == ["plan", "plan", "other", None]


@pytest.mark.django_db
def test_rules_are_tried_in_their_order_and_follow_a_merge() -> None:
    for code in ("plan", "other", "both"):
        CauseFactory.create(code=code)
    cause_rule_list.add(_wish("plan"))
    second = cause_rule_list.add(_wish("other", source="desk"))
    assert cause_rule_list.move(second.pk, -1)
    causes.merge("other", "both", NOW)
    take(case(external_id="1", cause=None), case(external_id="2", cause=None, source="api"))
    assert _codes() == ["both", "plan"]


@pytest.mark.django_db
def test_any_order_of_events_ends_in_the_same_state_under_rules() -> None:
    CauseFactory.create(code="plan")
    told = [
        case(external_id="1", cause=None, occurred_at=f"2026-11-20T0{hour}:00:00Z", tags=tags,
             status=status, resolved_at=f"2026-11-20T0{hour}:00:00Z" if hour != 5 else None)
        for hour, status, tags in (
            (4, "resolved", ["vip"]), (5, "reopened", ["vip"]), (6, "resolved", ["slow"])
        )
    ]  # fmt: skip
    cause_rule_list.add(_wish())
    ends = []
    for seed in range(3):
        shuffled = told * 2
        random.Random(seed).shuffle(shuffled)
        for one in shuffled:
            take(one)
        ends.append(_codes())
        Resolution.objects.all().delete()
        Case.objects.all().delete()
    assert ends == [["plan", None]] * 3
    assert dump()["resolutions"] == []


def _answered(cause: Cause | None, n: int, **case_fields: object) -> None:
    for _ in range(n):
        past = CaseFactory.create(**case_fields)
        resolution = ResolutionFactory.create(cause=cause, case=past)
        answer(InvitationFactory.create(resolution=resolution), f1=4, c1=5)


def _rows() -> dict[str, tuple[int, int]]:
    cache.clear()
    apply_all()
    found = reports.causes(Filters(), EVERYTHING).results
    assert verify() == []
    return {row.cause.name: (row.cases, row.n) for row in found}


@pytest.mark.django_db
def test_a_new_rule_moves_nothing_of_the_past_until_somebody_says_so_and_that_is_undone() -> None:
    plan = CauseFactory.create(code="plan", name="Plan")
    other = CauseFactory.create(code="other", name="Other")
    unmapped = CauseFactory.create(code="x", name="x", mapped_at=None)
    for cause in (plan, other, unmapped, None):
        _answered(cause, 2, tags=["vip"])
    _answered(None, 1, tags=["slow"])
    before = _rows()
    rule = cause_rule_list.add(_wish())
    assert _rows() == before == {"Plan": (2, 2), "Other": (2, 2), "x": (2, 2)}
    found = cause_history.reach(cause_history.trial_rules()[0])
    assert (found.n_cases, found.n_answers) == (4, 4)
    done = cause_history.apply(rule.pk, NOW)
    assert (done.kind, done.n_resolutions, done.n_answers) == ("applied", 4, 4)
    assert _rows() == {"Plan": (6, 6), "Other": (2, 2)}
    with pytest.raises(CauseError, match="left"):
        cause_history.apply(rule.pk, NOW)
    back = causes.undo(done.pk, NOW)
    assert (back.n_resolutions, back.n_answers) == (4, 4)
    assert _rows() == before


@pytest.mark.django_db
def test_a_rule_later_in_the_list_leaves_to_an_earlier_one_what_that_would_take() -> None:
    plan, _ = CauseFactory.create(code="plan"), CauseFactory.create(code="other")
    _answered(None, 1, tags=["vip", "slow"])
    cause_rule_list.add(_wish())
    late = cause_rule_list.add(_wish("other", text="slow"))
    with pytest.raises(CauseError, match="left"):
        cause_history.apply(late.pk, NOW)
    assert plan.resolution_set.count() == 0


@pytest.mark.django_db
def test_trying_a_rule_out_shows_what_each_would_change_and_changes_nothing() -> None:
    CauseFactory.create(code="plan", name="Plan")
    _answered(None, 2, tags=["vip"], subject="Vip")
    _answered(None, 1, tags=["slow"], subject="Slow")
    kept = cause_rule_list.add(_wish(text="slow"))
    before = dump()
    draft = cause_rule_list.read(_wish())
    found = cause_history.try_out(cause_history.trial_rules(draft))
    assert (found.n_tried, found.n_without) == (3, 3)
    assert found.by_rule == {0: 2, kept.pk: 1}
    assert {(one.past.subject, one.becomes) for one in found.changed} == {
        ("Vip", "Plan"), ("Slow", "Plan"),
    }  # fmt: skip
    assert (dump(), CauseRule.objects.count()) == (before, 1)


@pytest.mark.django_db
def test_a_split_takes_history_along_decides_from_now_on_and_is_undone_whole() -> None:
    plan = CauseFactory.create(code="plan", name="Plan")
    _answered(plan, 3, tags=["roaming"])
    _answered(plan, 2, tags=["tariff"])
    before = _rows()
    wish = _wish("roaming-plan", text="roaming", within="plan")
    done = cause_history.split(wish, "Roaming plan", NOW)
    assert _rows() == {"Plan": (2, 2), "Roaming plan": (3, 3)}
    take(case(external_id="n1", cause="plan", tags=["roaming"]))
    take(case(external_id="n2", cause="plan", tags=["tariff"]))
    assert _codes()[-2:] == ["roaming-plan", "plan"]
    Resolution.objects.filter(case__source="desk").delete()
    causes.undo(done.pk, NOW)
    assert _rows() == before
    assert not CauseRule.objects.filter(deleted_at=None).exists()
    assert Cause.objects.get(code="roaming-plan").mapped_at is None
    take(case(external_id="n3", cause="plan", tags=["roaming"]))
    assert _codes()[-1] == "plan"
    assert list(CauseChange.objects.values_list("kind", flat=True)) == ["undone", "split"]


@pytest.mark.django_db
def test_a_split_that_would_move_nothing_is_refused_and_leaves_nothing() -> None:
    CauseFactory.create(code="plan")
    with pytest.raises(CauseError, match="nothing would be split"):
        cause_history.split(_wish("new", within="plan"), "New", NOW)
    assert not Cause.objects.filter(code="new").exists()
    assert not CauseRule.objects.exists()


@pytest.mark.django_db
def test_every_change_of_the_list_is_logged_and_undone() -> None:
    for code in ("plan", "other"):
        CauseFactory.create(code=code)
    first, second = cause_rule_list.add(_wish()), cause_rule_list.add(_wish(text="slow"))

    def now() -> list[tuple[int, str, str]]:
        return [(rule.id, rule.text, rule.how) for rule in cause_rule_list.load()]

    states = [now()]
    cause_rule_list.change(first.pk, _wish(text="gold", how="contains"))
    states.append(now())
    cause_rule_list.move(second.pk, -1)
    states.append(now())
    cause_rule_list.delete(second.pk, NOW)
    assert now() == [(first.pk, "gold", "contains")]
    for state in reversed(states):
        causes.undo(CauseChange.objects.filter(undone_by=None).exclude(kind="undone")[0].pk, NOW)
        assert now() == state
    assert CauseChange.objects.count() == 8


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"cause": "nothing"}, {"cause": ""}, {"text": " "}, {"text": "x" * 201},
        {"what": "password"}, {"how": "regex"}, {"text": "**", "how": "matches"},
        {"text": "\x00"}, {"within": "plan"}, {"within": "nothing"}, {"source": "s" * 101},
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_in_words(fields: dict[str, str]) -> None:
    CauseFactory.create(code="plan")
    with pytest.raises(CauseError):
        cause_rule_list.add(_wish(**fields))
    assert not CauseRule.objects.exists()
