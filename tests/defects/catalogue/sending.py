"""Defects of sending: what a mail server says, and what is made of it."""

from __future__ import annotations

from typing import Final

from tests.defects.kinds import Defect, defect

_ROUNDS: Final = "surveys/services/delivery_round.py"
_CLIENT: Final = "surveys/channels/smtp_client.py"
_DOOR: Final = "surveys/services/delivery.py"
_OUTCOMES: Final = "surveys/services/delivery_outcomes.py"
_TRANSPORT: Final = "surveys/channels/transport.py"
_TEST_ROUNDS: Final = "tests/surveys/services/test_delivery.py"
_TEST_CLAIMS: Final = "tests/surveys/services/test_delivery_claims.py"
_TEST_TRANSPORT: Final = "tests/surveys/services/test_delivery_transport.py"

SENDING: Final[tuple[Defect, ...]] = (
    defect(
        "retry-after-data",
        "When the line breaks after a mail was sent, it is sent again and may arrive twice.",
        _ROUNDS,
        "            self._unknown(due, error)\n        else:",
        "            self._retry(due, str(error))\n        else:",
        _TEST_ROUNDS,
    ),
    defect(
        "lost-content-taken-for-unsent",
        "A line that breaks while the content is sent counts as if nothing had left.",
        _TRANSPORT,
        "            raise OutcomeUnknown(\n", "            raise Interrupted(\n",
        _TEST_TRANSPORT,
    ),
    defect(
        "in-flight-noted-too-late",
        "A worker killed while it hands over a mail leaves no trace of it, and it is sent again.",
        _ROUNDS,
        "                if not self._put_in_flight([due]):\n"
        "                    self._session.withdraw()\n"
        "                    self._stand_down(due)\n"
        '                    return ""\n'
        "                self._session.hand_over(mail)\n",
        "                self._session.hand_over(mail)\n"
        "                self._put_in_flight([due])\n",
        _TEST_ROUNDS, _TEST_CLAIMS, "tests/surveys/services/test_delivery_races.py",
    ),
    defect(
        "marked-sent-before-it-is",
        "A mail that the server never took stands as sent, and nobody asks again.",
        _ROUNDS,
        "                self._session.hand_over(mail)\n            else:",
        "                outcomes.mark_sent(\n"
        "                    self._lease, [outcomes.Accepted(due, self._moment())]\n"
        "                )\n"
        "                self._session.hand_over(mail)\n            else:",
        _TEST_ROUNDS,
    ),
    defect(
        "refusal-for-good-is-retried",
        "A server that said no for good is asked again and again, until it blocks us.",
        _ROUNDS,
        "        if error.permanent:\n            self._fail(",
        "        if error.bad_mailbox:\n            self._fail(",
        _TEST_ROUNDS,
    ),
    defect(
        "no-back-off",
        "A busy mail server is asked again at once, over and over.",
        _OUTCOMES,
        "    return pause * random.uniform(0.8, 1.2)", "    return pause * 0",
        _TEST_ROUNDS,
    ),
    defect(
        "no-jitter",
        "Mails refused together all come back in the same second.",
        _OUTCOMES,
        "    return pause * random.uniform(0.8, 1.2)", "    return pause",
        _TEST_ROUNDS,
    ),
    defect(
        "pauses-do-not-grow",
        "A server that is busy for a day costs all attempts within minutes.",
        _OUTCOMES, "FIRST_PAUSE * 3 ** (n_attempts - 1)", "FIRST_PAUSE",
        _TEST_ROUNDS,
    ),
    defect(
        "never-given-up",
        "A mail that nobody takes is tried for weeks.",
        "surveys/services/delivery_claims.py",
        "MAX_ATTEMPTS: Final = 8\n", "MAX_ATTEMPTS: Final = 80\n",
        _TEST_ROUNDS,
    ),
    defect(
        "policy-refusal-suppresses",
        "Because our mail looked like spam once, a person is never written to again.",
        _TRANSPORT,
        '            and self.enhanced.startswith("5.1.")\n',
        '            and self.enhanced.startswith("5.")\n',
        _TEST_ROUNDS, _TEST_TRANSPORT,
    ),
    defect(
        "bad-sender-blamed-on-the-recipient",
        "A mistake in our own address suppresses whoever is written to.",
        _TRANSPORT, '            and stage != "MAIL"\n', "",
        _TEST_ROUNDS, _TEST_TRANSPORT,
    ),
    defect(
        "slow-server-keeps-a-worker",
        "A server that answers a byte at a time keeps a worker for hours.",
        _CLIENT,
        "        left = self.ends_at - time.monotonic()\n", "        left = 30.0\n",
        _TEST_TRANSPORT,
    ),
    defect(
        "round-goes-on-with-a-hanging-server",
        "A server that hangs is waited for once for every mail.",
        _ROUNDS,
        '        return str(error) if hangs or self._breaks > 1 else ""\n', '        return ""\n',
        _TEST_ROUNDS,
    ),
    defect(
        "answered-survey-sent-again",
        "An operator sends a mail again to somebody who answered it long ago.",
        _DOOR,
        "        if Response.objects.filter(invitation=invitation).exists():\n",
        "        if False:\n",
        _TEST_CLAIMS, _TEST_ROUNDS,
    ),
    defect(
        "anything-can-be-sent-again",
        "A mail that has arrived can be sent a second time by a click.",
        _DOOR,
        "        if delivery is None or delivery.status != Delivery.Status.UNKNOWN:\n",
        "        if delivery is None:\n",
        _TEST_CLAIMS, _TEST_ROUNDS,
    ),
    defect(
        "away-server-costs-attempts",
        "While the mail server is away, surveys use up their attempts and are given up.",
        _OUTCOMES,
        '        _end(lease, mails, "queued", "scheduled", words=words, uncounted=1)\n',
        '        _end(lease, mails, "queued", "scheduled", words=words)\n',
        _TEST_ROUNDS, _TEST_CLAIMS,
    ),
    defect(
        "announced-address-gets-the-mail-of-another",
        "A mail that does not leave after all has the next one sent to its address.",
        _TRANSPORT,
        "        if self._announced not in (None, envelope):\n", "        if False:\n",
        _TEST_ROUNDS, _TEST_TRANSPORT,
    ),
    defect(
        "broken-session-takes-two-mails-along",
        "Behind a session that broke, the answer to one mail is taken for that to another.",
        _TRANSPORT,
        "    def _drop(self) -> None:\n        self._announced = None\n",
        "    def _drop(self) -> None:\n",
        _TEST_ROUNDS, _TEST_TRANSPORT,
    ),
)  # fmt: skip
