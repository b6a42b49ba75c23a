"""Mails leave, or not; time passes; what nobody knows the end of is sent again by an operator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from surveys.models import Delivery
from surveys.services.delivery import CannotResend, dispatch_round, resend_unknown
from surveys.services.delivery_claims import LEASE
from surveys.services.expiry import expire_due
from tests.smtp_server import ACCEPT_AND_DROP, DROP, Verb
from tests.surveys.delivery_machine import leaving
from tests.surveys.delivery_machine.dying import FATES, Fate
from tests.surveys.delivery_machine.site import Site
from tests.surveys.delivery_machine.telling import NAMES, Telling

MOODS: st.SearchStrategy[list[tuple[tuple[Verb, str], int]]] = st.lists(
    st.tuples(
        st.sampled_from(
            [
                ("CONNECT", DROP),
                ("MAIL", DROP),
                ("MAIL", "421 4.3.2 closing"),
                ("RCPT", "451 4.3.0 later"),
                ("RCPT", "550 5.1.1 no such user"),
                ("RCPT", DROP),
                ("DATA", "451 4.3.0 later"),
                ("CONTENT", DROP),
                ("DOT", "452 4.3.1 full"),
                ("DOT", "554 5.7.1 not wanted"),
                ("DOT", DROP),
                ("DOT", ACCEPT_AND_DROP),
            ]
        ),
        st.integers(1, 2),
    ),
    max_size=2,
)
# Whose cases are resolved just before: a round with nothing due tells little.
FRESH = st.sets(NAMES, min_size=1, max_size=3)
PAUSES = st.sampled_from(
    [
        *(dt.timedelta(seconds=61), dt.timedelta(seconds=121), dt.timedelta(minutes=5)),
        *(dt.timedelta(hours=5), dt.timedelta(hours=5), dt.timedelta(hours=16)),
        *(dt.timedelta(days=1), dt.timedelta(days=4), dt.timedelta(days=14)),
    ]
)


class Sending(Telling):
    """Rules of dispatch."""

    site: Site

    @rule(
        fresh=FRESH,
        moods=MOODS,
        fate=FATES,
        again=st.booleans(),
        batch=st.sampled_from([1, 2, 100]),
    )
    def dispatch(
        self,
        fresh: set[str],
        moods: list[tuple[tuple[Verb, str], int]],
        fate: Fate,
        again: bool,
        batch: int,
    ) -> None:
        self.resolve_anew(fresh)
        put_in_mood(self.site, moods)
        self.site.do(lambda: dispatch_round(self.site.now, batch), fate)
        self.site.postbox.behave()
        leaving.check(self.site, was_noted=fate.dies_at is None)
        if again:
            # The next worker, once what the last one held has come back.
            self.site.now += LEASE + dt.timedelta(seconds=1)
            self.dispatch_undisturbed()

    @rule()
    def dispatch_undisturbed(self) -> None:
        self.dispatch_at(self.site.now)

    def dispatch_at(self, now: dt.datetime, excused: Collection[int] = ()) -> None:
        self.site.do(lambda: dispatch_round(now))
        leaving.check(self.site, was_noted=True, excused=excused)

    @rule(pause=PAUSES)
    def wait(self, pause: dt.timedelta) -> None:
        self.site.now += pause

    @rule(fate=FATES)
    def expire(self, fate: Fate) -> None:
        self.site.do(lambda: expire_due(self.site.now, 2), fate)

    @precondition(lambda self: Delivery.objects.filter(status="unknown").exists())
    @rule(data=st.data(), fate=FATES)
    def resend(self, data: st.DataObject, fate: Fate) -> None:
        unknown = list(Delivery.objects.filter(status="unknown").order_by("pk"))
        mail = data.draw(st.sampled_from(unknown))
        # Also where nobody heard that it would be: then it perhaps will.
        self.site.outside.resends[mail.invitation_id, mail.kind] += 1

        def work() -> None:
            try:
                resend_unknown(mail.pk, now=self.site.now)
            except CannotResend:
                self.site.outside.resends[mail.invitation_id, mail.kind] -= 1

        self.site.do(work, fate)


def put_in_mood(site: Site, moods: list[tuple[tuple[Verb, str], int]]) -> None:
    """Have the mail server react so, and let people doubt what it says of their address."""
    for (verb, reaction), times in moods:
        site.postbox.on(verb, reaction, times=times)
        if reaction.startswith("550 5.1.1"):
            for address in site.emails.values():
                site.outside.doubt(address)
