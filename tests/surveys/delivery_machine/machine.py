"""The machine: every rule, every invariant, and the end of all time."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Min
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from surveys.models import Delivery, Invitation
from surveys.services.delivery import dispatch_round
from surveys.services.expiry import expire_due
from tests.surveys.delivery_machine import checks, leaving
from tests.surveys.delivery_machine.dying import ALIVE
from tests.surveys.delivery_machine.meanwhile import Meanwhile
from tests.surveys.delivery_machine.outside import Event
from tests.surveys.delivery_machine.postbox import Postbox
from tests.surveys.delivery_machine.site import Site
from tests.surveys.delivery_machine.telling import NAMES
from tests.surveys.services.told import dump

POLICIES = st.fixed_dictionaries(
    {
        "cooldown_days": st.sampled_from([0, 0, 3]),
        "delay_minutes": st.sampled_from([0, 0, 240]),
        "reminder_days": st.sampled_from([4, 4, None]),
        "quiet_hours": st.sampled_from([None, None, {"start": "21:00", "end": "08:00"}]),
    }
)
LIMITS: st.SearchStrategy[dict[str, float]] = st.sampled_from([{}, {}, {"": 0.5}])


class DeliveryMachine(Meanwhile, RuleBasedStateMachine):
    """One installation from empty to the end of time."""

    postbox: ClassVar[Postbox]
    secret: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.sound_at = -1
        self.suppressed: dict[str, str] = {}

    @initialize(
        policy=POLICIES, pipelining=st.booleans(), limits=LIMITS, invited=st.sets(NAMES, max_size=4)
    )
    def begin(
        self,
        policy: dict[str, Any],
        pipelining: bool,
        limits: dict[str, float],
        invited: set[str],
    ) -> None:
        """Some have got their mail already: what can happen to those is most of it."""
        settings.MAIL_LIMITS = limits
        self.site = Site(self.postbox, self.secret, policy)
        self.postbox.pipelining = pipelining
        for name in sorted(invited):
            self.resolve(name, dt.timedelta(hours=5), "No signal", ALIVE)
        self.dispatch_undisturbed()

    @invariant()
    def holds(self) -> None:
        checks.events_are_kept(self.site)
        checks.each_resolution_has_one_invitation(self.site)
        checks.nobody_waits_silently()
        checks.answers_are_kept(self.site)
        self.suppressed = checks.suppressions_hold(self.site, self.suppressed)
        self.sound_at = self.site.n_done

    def teardown(self) -> None:
        # Where a rule has failed, that is what is to be told.
        if self.sound_at < 0 or self.sound_at != self.site.n_done:
            return
        self._tell_what_was_not_heard()
        for _ in range(200):
            self.site.do(lambda: dispatch_round(self.site.now))
            leaving.check(self.site, was_noted=True)
            self.site.do(lambda: expire_due(self.site.now))
            following = _next_moment()
            if following is None:
                break
            self.site.now = max(following + dt.timedelta(seconds=1), self.site.now)
        self.holds()
        checks.all_came_to_an_end(self.site)
        self._tell_everything_again()

    def _tell_everything_again(self) -> None:
        """The newest first, at once: invariant 2."""
        told = self.site.outside.told.items()
        events = sorted(((n, e) for n, all_ in told for e in all_), key=_moment, reverse=True)
        if not events:
            return
        before = dump()
        answer = self._tell(events, ALIVE)
        assert answer is not None
        assert {result["outcome"] for result in answer["results"]} == {"unchanged"}
        assert dump() == before

    def _tell_what_was_not_heard(self) -> None:
        """As every helpdesk does in the end."""
        outside = self.site.outside
        missing = [
            (name, event)
            for name, told in outside.told.items()
            for event in sorted(told - outside.acknowledged[name], reverse=True)
        ]
        if missing:
            self._tell(missing, ALIVE)


def _moment(told: tuple[str, Event]) -> dt.datetime:
    return told[1].at


def _next_moment() -> dt.datetime | None:
    """When something is due next."""
    queued = Delivery.objects.filter(status="queued").aggregate(at=Min("due_at"))
    leased = Delivery.objects.filter(status="sending").aggregate(at=Min("lease_until"))
    open_ = Invitation.objects.filter(status__in=["sent", "unknown"]).aggregate(
        at=Min("expires_at")
    )
    moments = [found["at"] for found in (queued, leased, open_) if found["at"] is not None]
    return min(moments) if moments else None
