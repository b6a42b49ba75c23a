"""Causes as a tree: few levels, no circles, whatever is tried; and what customers read of them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from surveys.models import Cause, CauseChange
from surveys.questionnaire.asking import CauseName
from surveys.services import cause_tree, causes
from surveys.services.cause_moves import CauseError
from surveys.services.published import causes_to_pick
from tests.factories import NOW, CauseFactory

CODES = "abcde"


def _make() -> None:
    for code in CODES:
        CauseFactory.create(code=code, name=code.upper())


def _tree() -> list[tuple[str, int]]:
    codes = dict(Cause.objects.values_list("pk", "code"))
    return [(codes[pk], level) for pk, level in cause_tree.in_order()]


class AnyMoves(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.sampled_from(CODES), st.sampled_from([*CODES, ""]), st.booleans()),
            max_size=10,
        )
    )
    def test_any_moves_and_merges_leave_a_tree_of_three_levels_that_shows_every_cause(
        self, moves: list[tuple[str, str, bool]]
    ) -> None:
        _make()
        for code, parent, merges in moves:
            try:
                if merges and parent:
                    causes.merge(code, parent, NOW)
                else:
                    cause_tree.place(code, parent)
            except CauseError:
                continue
        shown = _tree()
        assert sorted(code for code, _ in shown) == list(CODES)
        assert max(level for _, level in shown) < cause_tree.MOST_LEVELS


@pytest.mark.django_db
def test_the_tree_lists_parts_below_what_they_are_part_of() -> None:
    _make()
    cause_tree.place("a", "d")
    cause_tree.place("e", "a")
    assert _tree() == [("b", 0), ("c", 0), ("d", 0), ("a", 1), ("e", 2)]
    found = [pk for pk, _ in cause_tree.in_order("E")]
    assert [Cause.objects.get(pk=pk).code for pk in found] == ["d", "a", "e"]
    with pytest.raises(CauseError, match="levels"):
        cause_tree.place("d", "b")
    with pytest.raises(CauseError, match="part of what"):
        cause_tree.place("d", "e")


@pytest.mark.django_db
def test_the_database_itself_refuses_a_circle() -> None:
    _make()
    cause_tree.place("a", "b")
    a, b = Cause.objects.get(code="a"), Cause.objects.get(code="b")
    for one, above in ((a, a), (b, a)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cause.objects.filter(pk=one.pk).update(parent=above)


@pytest.mark.django_db
def test_moves_and_words_are_undone_newest_first() -> None:
    _make()
    first, second = cause_tree.place("a", "b"), cause_tree.place("a", "c")
    words = cause_tree.describe("a", "Why\r\nthat", {"de": " Der  Grund ", "fr": ""})
    assert (Cause.objects.get(code="a").names, words.kind) == ({"de": "Der Grund"}, "worded")
    with pytest.raises(CauseError, match="again since"):
        causes.undo(first.pk, NOW)
    for change in (words, second, first):
        causes.undo(change.pk, NOW)
    cause = Cause.objects.get(code="a")
    assert (cause.parent, cause.names, cause.description) == (None, {}, "")
    assert CauseChange.objects.count() == 6


@pytest.mark.django_db
def test_a_cause_with_parts_is_not_merged_away_and_an_undone_merge_finds_its_place() -> None:
    _make()
    cause_tree.place("a", "b")
    with pytest.raises(CauseError, match="part of “b”"):
        causes.merge("b", "c", NOW)
    merged = causes.merge("a", "c", NOW)
    assert Cause.objects.get(code="a").parent is None
    causes.undo(merged.pk, NOW)
    assert Cause.objects.get(code="a").parent == Cause.objects.get(code="b")


@pytest.mark.django_db
def test_a_language_that_surveys_do_not_speak_is_refused() -> None:
    _make()
    with pytest.raises(CauseError, match="xx"):
        cause_tree.describe("a", "", {"xx": "A"})


@pytest.mark.django_db
def test_customers_are_offered_a_cause_by_its_name_in_their_language() -> None:
    _make()
    cause_tree.describe("a", "", {"de": "Tarifwechsel"})
    offered = {cause.code: cause for cause in causes_to_pick()}
    named = offered["a"]
    assert [named.called(tag) for tag in ("de", "de-AT", "fr", "en")] == [
        "Tarifwechsel", "Tarifwechsel", "A", "A",
    ]  # fmt: skip
    assert offered["b"] == CauseName("b", "B")
