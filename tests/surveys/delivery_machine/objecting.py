"""People and mail servers object; staff import a list; somebody wants mails again."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from surveys.models import Delivery
from surveys.services import bounces, privacy, suppression_list
from surveys.services.suppressions import Told, resubscribe
from tests.surveys.delivery_machine import stored
from tests.surveys.delivery_machine.answering import Answering
from tests.surveys.delivery_machine.dying import FATES, Fate
from tests.surveys.delivery_machine.outside import Answered, Message
from tests.surveys.delivery_machine.site import CASES
from tests.surveys.mail.reports import corpus
from tests.surveys.services.came_back import HARD, POLICY, SOFT

PEOPLE = st.sampled_from(sorted(set(CASES.values())))
# Not everyone: to whoever is on a list or erased there is little left to happen.
LISTED = st.sampled_from(["bob", "dee"])
_has_mails = precondition(lambda self: bool(self.site.outside.senders))
_has_links = precondition(lambda self: bool(self.site.outside.links))


class Objecting(Answering):
    """Rules of suppression."""

    @_has_links
    @rule(data=st.data(), fate=FATES)
    def unsubscribe(self, data: st.DataObject, fate: Fate) -> None:
        link = self.link(data)
        answer = self.site.ask("post", f"/u/{link.token}/", {"List-Unsubscribe": "One-Click"}, fate)
        if answer is None:
            self.site.outside.doubt(link.email)
        elif answer.status_code == 200:
            self.site.outside.object(link.email, "unsubscribed")
        else:
            assert link.email in self.site.outside.erased, answer

    @rule(person=LISTED, reason=st.sampled_from(["manual", "bounced", "unsubscribed"]), fate=FATES)
    def import_list(self, person: str, reason: str, fate: Fate) -> None:
        address = self.site.emails[person]
        content = f"email,reason\n{address},{reason}\n".encode()

        def work() -> suppression_list.Taken:
            told = Told("import", "boss")
            return suppression_list.take(content, now=self.site.now, told=told, dry=False)

        if self.site.do(work, fate) is None:
            self.site.outside.doubt(address)
        else:
            self.site.outside.object(address, reason)

    @_has_mails
    @rule(data=st.data(), kind=st.sampled_from(["hard", "soft", "policy", "complaint"]), fate=FATES)
    def come_back(self, data: st.DataObject, kind: str, fate: Fate) -> None:
        """A report about a mail that left, by the return path it left with."""
        message = data.draw(st.sampled_from(sorted(self.site.outside.senders)))
        path = self.site.outside.senders[message]
        raw = _report(kind).replace(corpus.TO.encode(), path.encode())
        address = self.site.outside.attempts[message][0].recipient

        def work() -> str:
            try:
                return str(bounces.take(raw, "imap", self.site.now))
            except bounces.NotSettled:
                assert Delivery.objects.filter(
                    invitation=message[0], kind=message[1], status="sending"
                ).exists()
                return "later"

        outcome = self.site.do(work, fate)
        if outcome is None or kind in ("hard", "soft"):
            self.site.outside.doubt(address)
        if outcome != "recorded" or self._is_erased(address):
            return
        if kind == "complaint":
            self.site.outside.object(address, "complained")
        elif kind == "hard" and self._is_fresh(message):
            self.site.outside.object(address, "bounced")

    def _is_fresh(self, message: Message) -> bool:
        """Whether a bounce is held against the address: nobody answered, nobody asked for mails
        again, and it came within 30 days."""
        outside = self.site.outside
        attempts = outside.attempts[message]
        last = max(one.at for one in attempts if one.at)
        links = [link for link in outside.links.values() if link.invitation == message[0]]
        return (
            not any(link.answered.posts for link in links)
            and attempts[0].recipient not in outside.ever_lifted
            and self.site.now - last < dt.timedelta(days=29)
        )

    def _is_erased(self, address: str) -> bool:
        return address in self.site.outside.erased

    @_has_mails
    @rule(data=st.data(), kind=st.sampled_from(["hard", "complaint"]))
    def forge(self, data: st.DataObject, kind: str) -> None:
        """A report under a return path that we never gave: it does nothing."""
        message = data.draw(st.sampled_from(sorted(self.site.outside.senders)))
        local, _, domain = self.site.outside.senders[message].rpartition("@")
        last = "a" if local[-1] != "a" else "b"
        raw = _report(kind).replace(corpus.TO.encode(), f"{local[:-1]}{last}@{domain}".encode())
        assert self.site.do(lambda: bounces.take(raw, "imap", self.site.now)) == "forged"

    @rule(person=PEOPLE, fate=FATES)
    def resubscribe(self, person: str, fate: Fate) -> None:
        """The one way off the list, but for those who were erased."""
        address = self.site.emails[person]
        outside = self.site.outside
        self.site.do(lambda: resubscribe(address, now=self.site.now), fate)
        outside.may_lift.add(address)
        outside.ever_lifted.add(address)
        if address not in outside.erased:
            outside.objections.pop(address, None)

    @rule(person=LISTED, fate=FATES)
    def erase(self, person: str, fate: Fate) -> None:
        """Whole or not at all, and nothing that they said is anywhere afterwards."""
        address = self.site.emails[person]
        outside = self.site.outside
        outside.doubt(address)
        heard = self.site.do(lambda: privacy.erase(address, self.site.now), fate)
        if heard is None and not stored.is_erased(address):
            return
        outside.erased.add(address)
        outside.object(address, "erased")
        for link in outside.links.values():
            if link.email == address:
                link.answered = Answered()


def _report(kind: str) -> bytes:
    if kind == "complaint":
        return corpus.arf("abuse")
    code, said = {"hard": HARD, "soft": SOFT, "policy": POLICY}[kind]
    return corpus.dsn(corpus.recipient("failed", code, said))
