"""Machines that open the links of a mail answer nothing and unsubscribe nobody."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from surveys.models import Invitation, LinkOpening, Response, Suppression
from surveys.respondent import noticing
from surveys.services import openings
from surveys.services.delivery_claims import facts
from surveys.services.delivery_mail import compose
from surveys.services.openings import KEPT, MOST, Opening
from surveys.services.privacy import erase
from tests.factories import NOW, InvitationFactory
from tests.surveys.respondent.helpers import form, link, snapshot, unsubscribe_link
from tests.surveys.respondent.scanners import FIREFOX, SCANNERS, Scanner, links_of
from tests.surveys.services.outbox import queued

OPENINGS = "surveys_linkopening"


@pytest.fixture(autouse=True)
def nothing_noted() -> None:
    noticing._waiting.clear()


@pytest.fixture
def mailed(db: None) -> tuple[Invitation, list[str]]:
    """An invitation that was sent, and the links of its mail as it went out."""
    delivery = queued()
    mail = compose(facts([delivery.pk])[0], NOW)
    Invitation.objects.update(status="sent", sent_at=NOW, expires_at=NOW + timedelta(days=14))
    content = message_from_bytes(mail.content, policy=policy.default)
    part = content.get_body(("html",))
    assert part is not None
    return Invitation.objects.get(), links_of(part.get_content())


def test_corpus_is_large_and_named() -> None:
    assert len({scanner.name for scanner in SCANNERS}) == len(SCANNERS) >= 20


def test_mail_has_a_link_that_nobody_sees(mailed: tuple[Invitation, list[str]]) -> None:
    invitation, links = mailed
    survey = link(invitation)
    choices = [path for path in links if "=" in path and "link=" not in path]
    assert len(choices) == 5
    assert {path.partition("=")[0] for path in choices} <= {f"{survey}?F1", f"{survey}?C1"}
    assert sorted(set(links) - set(choices)) == sorted(
        [survey, f"{survey}?link=hidden", unsubscribe_link(invitation)]
    )


@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda scanner: scanner.name)
def test_scanner_changes_nothing_but_what_is_known_of_links_and_the_customer_answers(
    scanner: Scanner, mailed: tuple[Invitation, list[str]]
) -> None:
    before = snapshot()
    scanner.run(Client(), mailed[1])
    assert snapshot() == before
    noticing.store()
    after = snapshot()
    after[OPENINGS] = before[OPENINGS]
    assert after == before
    assert (Response.objects.count(), Suppression.objects.count()) == (0, 0)
    shown = LinkOpening.objects.exclude(sign="").exists()
    assert shown == scanner.shows

    # And the customer, who comes afterwards, answers as if nothing had been.
    page = Client().get(f"{link(mailed[0])}?F1=2", headers={"user-agent": FIREFOX})
    answer = Client().post(link(mailed[0]), form(page).fields | {"F1": ["2"]})
    assert answer.status_code == 303
    assert list(Response.objects.values_list("f1", flat=True)) == [2]


@pytest.mark.django_db
def test_person_who_looks_thinks_again_and_answers_shows_no_sign(browser: Client) -> None:
    invitation = InvitationFactory(status="sent", sent_at=NOW, expires_at=NOW + timedelta(days=9))
    for path in ("?F1=4", "?page=2", "?lang=de", "?page=1&lang=de", "?F1=4"):
        browser.get(link(invitation) + path, headers={"user-agent": FIREFOX})
    noticing.store()
    assert list(LinkOpening.objects.values_list("link", "sign")) == [("F1=4", ""), ("F1=4", "")]


@given(
    st.lists(
        st.tuples(st.floats(0, 5), st.sampled_from(["F1=1", "F1=2", "F1=3", "survey"])),
        max_size=12,
    ),
    st.integers(1, 12),
)
@pytest.mark.django_db
def test_several_links_within_a_second_are_a_sign_however_they_are_stored(
    opened: list[tuple[float, str]], batch: int
) -> None:
    LinkOpening.objects.all().delete()
    invitation = Invitation.objects.first() or InvitationFactory()
    notes = [
        Opening(bytes(invitation.token_hash), NOW + timedelta(seconds=seconds), name)
        for seconds, name in opened
    ]
    for start in range(0, len(notes), batch):
        openings.keep(notes[start : start + batch])
    second = timedelta(seconds=1)
    expected = set()
    for first in notes:
        near = [n for n in notes if first.opened_at <= n.opened_at <= first.opened_at + second]
        if len({n.link for n in near}) >= 3:
            expected |= {(n.opened_at, n.link) for n in near}
    marked = LinkOpening.objects.exclude(sign="").values_list("opened_at", "link")
    assert set(marked) == expected


@pytest.mark.django_db
def test_unknown_links_and_floods_fill_no_table() -> None:
    invitation = InvitationFactory()
    hidden = Opening(bytes(invitation.token_hash), NOW, "survey")
    assert openings.keep([Opening(b"x" * 32, NOW, "survey")]) == 0
    for _ in range(MOST + 20):
        openings.keep([hidden])
    assert LinkOpening.objects.count() == MOST


@pytest.mark.django_db
def test_openings_are_forgotten_in_time_and_with_their_customer() -> None:
    one, other = InvitationFactory(), InvitationFactory()
    openings.keep(
        [
            Opening(bytes(one.token_hash), NOW - KEPT, "survey"),
            Opening(bytes(one.token_hash), NOW, "survey"),
            Opening(bytes(other.token_hash), NOW, "survey"),
        ]
    )
    assert openings.forget_old(NOW + timedelta(seconds=1)) == 1
    assert one.customer is not None
    erase(one.customer.email, NOW)
    assert list(LinkOpening.objects.values_list("invitation_id", flat=True)) == [other.pk]
