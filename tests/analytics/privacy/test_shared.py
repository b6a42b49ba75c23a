"""Whoever holds a link reads no figure of fewer than five customers, not even by subtraction.

Two customers of cells that are too small exchange all they said, and one whose cell is the only
small one says something else: what the link shows may not change by a byte.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from analytics.aggregates import apply_all
from analytics.console.shared import LIMITER
from analytics.kept import ShareLink
from analytics.sharing import links
from surveys.models import Cause, Response, User
from tests.analytics.answered import answer
from tests.analytics.privacy.world import exchange, store
from tests.factories import CauseFactory, InvitationFactory, ResolutionFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Open = Callable[[str, str], str]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()
    LIMITER.clear()


@pytest.fixture
def shown() -> Open:
    """The page behind a manager's link, without what differs at every opening."""
    client = client_of(User.Role.MANAGER)

    def open_(path: str, query: str) -> str:
        wish = {"path": path, "query": query, "days": "30", "with_comments": "1"}
        client.post("/settings/links/", wish)
        return _plain(f"/shared/{links.token_of(ShareLink.objects.latest('id'))}/")

    return open_


def _answers(back: int, *said: Mapping[str, object], cause: Cause) -> list[Response]:
    at = timezone.now() - dt.timedelta(days=back)
    made = []
    for one in said:
        resolution = ResolutionFactory.create(cause=cause, resolved_at=at)
        asked = InvitationFactory.create(resolution=resolution, sent_at=at)
        made.append(answer(asked, at=at, **one))
    return made


def test_the_days_of_few_are_hidden_and_enough_beside_them(shown: Open) -> None:
    cause = CauseFactory.create()
    many = _answers(1, *({"f1": 4, "c1": 2},) * 12, cause=cause)
    some = _answers(2, *({"f1": 5, "c1": 1},) * 6, cause=cause)
    few = _answers(3, {"f1": 1, "c1": 5}, {"f1": 2, "c1": 4}, cause=cause)
    apply_all()
    day = f"from={timezone.now().date() - dt.timedelta(days=3)}&interval=day"
    before = shown("/trend/", day)
    # The total tells the two days together: the smaller of the others is hidden with them.
    exchange(few[0].pk, some[0].pk)
    assert shown("/trend/", day) == before
    exchange(few[1].pk, many[0].pk)
    assert shown("/trend/", day) != before


def test_an_answer_alone_is_hidden_on_every_shared_page(shown: Open) -> None:
    cause = CauseFactory.create()
    [one] = _answers(10, {"f1": 5, "c1": 4, "o1": 2}, cause=cause)
    apply_all()
    pages = ["/", "/agents/", "/causes/", f"/causes/{cause.code}/", "/matrix/", "/trend/"]
    pages += ["/segments/"]
    query = f"from={timezone.now().date() - dt.timedelta(days=20)}"
    before = [shown(path, query) for path in pages]
    one.f1, one.c1, one.o1 = 1, 1, 5
    store(one)
    apply_all()
    changed = [path for path, page in zip(pages, before, strict=True) if shown(path, query) != page]
    assert changed == []


def test_who_watches_a_link_sees_no_answer_come(shown: Open) -> None:
    """All of time, as it was shared: else each new answer is what the figures of two days differ
    by."""
    cause = CauseFactory.create()
    _answers(1, *({"f1": 4, "c1": 2},) * 12, cause=cause)
    apply_all()
    manager = client_of(User.Role.MANAGER)
    for path in ("/trend/", "/segments/"):
        manager.post("/settings/links/", {"path": path, "query": "by=answered", "days": "30"})
    pages = [f"/shared/{links.token_of(link)}/" for link in ShareLink.objects.order_by("id")]
    assert len(pages) == 2
    before = [_plain(page) for page in pages]
    tomorrow = timezone.now() + dt.timedelta(days=1)
    with time_machine.travel(tomorrow, tick=False):
        _answers(0, {"f1": 1, "c1": 5}, cause=cause)
        apply_all()
        assert [_plain(page) for page in pages] == before


def _plain(address: str) -> str:
    answered = Client().get(address)
    assert answered.status_code == 200
    return re.sub(r'nonce="[^"]*"', "", answered.content.decode())


def test_a_comment_stands_without_its_rating(shown: Open) -> None:
    """That the sharer lets others read it says nothing of the number beside it."""
    cause = CauseFactory.create()
    said = {"f1": 1, "c1": 5, "fix_comment": "Twice it broke.", "cause_comment": "Why, though?"}
    _answers(1, *({"f1": 4, "c1": 2},) * 7, said, cause=cause)
    apply_all()
    page = shown("/", "")
    assert "Twice it broke." in page
    meta = re.findall(r'<p class="comment-meta">(.*?)</p>', page)
    assert len(meta) == 2
    assert not [words for words in meta if "★" in words or "Fix" in words or "Bothered" in words]


def test_a_matrix_with_cells_of_few_is_not_drawn(shown: Open) -> None:
    cause = CauseFactory.create()
    _answers(1, *({"f1": 4, "c1": 2},) * 40, cause=cause)
    two = _answers(1, *({"f1": 1, "c1": 5}, {"f1": 2, "c1": 4}), cause=cause)
    apply_all()
    before = shown("/matrix/", "")
    assert "Too few answers to show." in before
    exchange(two[0].pk, two[1].pk)
    swapped = Response.objects.get(pk=two[0].pk)
    swapped.c1, other = 4, Response.objects.get(pk=two[1].pk)
    other.c1 = 5
    store(swapped)
    store(other)
    apply_all()
    # The same ratings on each side, joined otherwise.
    cells = re.sub(r"<section[^>]*separation.*?</section>", "", before, flags=re.DOTALL)
    after = re.sub(
        r"<section[^>]*separation.*?</section>", "", shown("/matrix/", ""), flags=re.DOTALL
    )
    assert after == cells
