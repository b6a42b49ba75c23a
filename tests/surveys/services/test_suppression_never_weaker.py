"""Invariant 16: a suppression weakens only by explicit re-subscription."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django.fixtures import Settings

from surveys.models import (
    Customer,
    Delivery,
    Invitation,
    Response,
    Suppression,
    SuppressionChange,
)
from surveys.services import bounces, suppression_list
from surveys.services.suppressions import (
    CannotLift,
    Told,
    is_weightier,
    lift,
    suppress,
    suppress_many,
)
from tests.factories import ResponseFactory
from tests.surveys.services.came_back import ADDRESS, HARD, SOFT, bounce, complaint, sent
from tests.surveys.services.told import NOW, case, take

EMAIL = "ada@example.com"
REASONS = [reason for reason in Suppression.Reason.values if reason != "erased"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("suppress"), st.sampled_from(REASONS)),
        st.tuples(st.just("file"), st.sampled_from(REASONS)),
        st.tuples(st.just("report"), st.sampled_from(["hard", "soft", "ok", "complaint", "late"])),
        st.tuples(st.just("case"), st.sampled_from(["resolved", "reopened", "open"])),
        st.tuples(st.just("answer"), st.just("")),
        st.tuples(st.just("lift"), st.sampled_from(["", "she called"])),
    ),
    min_size=1,
    max_size=12,
)


def reason() -> str | None:
    return Suppression.objects.filter(email=EMAIL).values_list("reason", flat=True).first()


class NeverWeaker(TestCase):
    """Each example in a transaction of its own."""

    @pytest.fixture(autouse=True)
    def _address(self, settings: Settings) -> None:
        settings.BOUNCE_ADDRESS = ADDRESS

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(STEPS)
    def test_only_a_wish_in_words_takes_an_address_off(self, steps: list[tuple[str, str]]) -> None:
        mail = sent(EMAIL)
        for n, (what, how) in enumerate(steps):
            before = reason()
            _do(what, how, n, mail)
            after = reason()
            if what == "lift" and how:
                assert after is None
            elif before is not None:
                assert after == before or (after is not None and is_weightier(after, before))
            waiting = Invitation.objects.filter(customer__email=EMAIL, status="scheduled")
            assert after is None or not waiting.exists()
        changes = SuppressionChange.objects.order_by("pk").values_list("kind", flat=True)
        held = 0
        for kind in changes:
            held = {"added": 1, "lifted": 0}.get(kind, held)
        assert held == (reason() is not None)


def _do(what: str, how: str, n: int, mail: Delivery) -> None:
    now = NOW + timedelta(hours=n)
    if what == "suppress":
        suppress(EMAIL, how, now=now)
    elif what == "file":
        content = f"email,reason\n{EMAIL},{how}\n".encode()
        suppression_list.take(content, now=now, told=Told("import"), dry=False)
    elif what == "report":
        _report(how, now, mail)
    elif what == "case":
        take(case(external_id=f"n{n}", status=how, customer={"email": EMAIL}))
    elif what == "answer":
        if not Response.objects.filter(invitation=mail.invitation).exists():
            ResponseFactory(invitation=mail.invitation)
    elif how and reason() is not None:
        lift(EMAIL, now=now, told=Told("staff", "boss", how))
    elif not how:
        with pytest.raises(CannotLift):
            lift(EMAIL, now=now, told=Told("staff", "boss", how))


def _report(how: str, now: datetime, mail: Delivery) -> None:
    raw = {
        "hard": lambda: bounce(mail, *HARD),
        "late": lambda: bounce(mail, *HARD),
        "soft": lambda: bounce(mail, *SOFT),
        "ok": lambda: bounce(mail, "2.0.0", action="delivered"),
        "complaint": lambda: complaint(mail),
    }[how]()
    later = timedelta(days=90) if how == "late" else timedelta(0)
    bounces.take(raw, "imap", now + later)


@pytest.mark.django_db
def test_many_at_once_do_what_one_by_one_does() -> None:
    Customer.objects.create(key="mail:a@example.com", email="a@example.com")
    suppress("b@example.com", "manual", now=NOW)
    suppress("c@example.com", "unsubscribed", now=NOW)
    wanted = {"a@example.com": "bounced", "B@example.com": "complained", "c@example.com": "manual"}
    told = Told("import", "boss")
    assert suppress_many(wanted, now=NOW, told=told, dry=True) == (1, 1)
    assert Suppression.objects.count() == 2
    assert suppress_many(wanted, now=NOW, told=told) == (1, 1)
    assert suppress_many(wanted, now=NOW, told=told) == (0, 0)
    assert dict(Suppression.objects.values_list("email", "reason")) == {
        "a@example.com": "bounced",
        "b@example.com": "complained",
        "c@example.com": "unsubscribed",
    }
    assert SuppressionChange.objects.filter(who="boss").count() == 2
