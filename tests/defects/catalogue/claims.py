"""Defects of what may be sent: the claim, its rechecks, its lease."""

from __future__ import annotations

from typing import Final

from tests.defects.kinds import Defect, Edit, defect

_CLAIMS: Final = "surveys/services/delivery_claims.py"
_OUTCOMES: Final = "surveys/services/delivery_outcomes.py"
_ROUNDS: Final = "surveys/services/delivery.py"
_TEST_CLAIMS: Final = "tests/surveys/services/test_delivery_claims.py"
_TEST_RACES: Final = "tests/surveys/services/test_delivery_races.py"
_TEST_ROUNDS: Final = "tests/surveys/services/test_delivery.py"
_TEST_PACING: Final = "tests/surveys/services/test_delivery_pacing.py"

CLAIMS: Final[tuple[Defect, ...]] = (
    defect(
        "claim-without-lock",
        "Two workers take the same mail, and a customer gets it twice.",
        _CLAIMS, " LIMIT %(batch)s\n   FOR UPDATE OF d, i SKIP LOCKED\n", " LIMIT %(batch)s\n",
        _TEST_RACES,
    ),
    defect(
        "claim-without-customers-lock",
        "Two workers both find that nobody wrote to a customer lately, and both write.",
        _CLAIMS, "   FOR NO KEY UPDATE OF c SKIP LOCKED\n", "",
        _TEST_RACES,
    ),
    defect(
        "claim-forgets-suppression",
        "A queued survey goes out to somebody who unsubscribed after it was planned.",
        _CLAIMS, "        or suppressed\n", "",
        _TEST_CLAIMS,
    ),
    defect(
        "claim-forgets-reopening",
        "A customer whose problem came back is asked how well it was solved.",
        _CLAIMS, "        or (REOPENED if mail.reopened else None)\n", "",
        _TEST_CLAIMS,
    ),
    defect(
        "reminder-after-expiry",
        "A reminder leads to a survey that has closed.",
        _CLAIMS, "    if mail.expires_at <= now:\n", "    if False:\n",
        _TEST_CLAIMS,
    ),
    Defect(
        "reminder-after-the-answer",
        "Whoever has answered is reminded to answer.",
        (
            Edit(_CLAIMS, "    if mail.answered:\n", "    if False:\n"),
            Edit(
                _OUTCOMES,
                "     {wished}AND (n.kind = 'invitation'\n"
                "          OR NOT EXISTS (SELECT 1 FROM surveys_response a"
                " WHERE a.invitation_id = i.id))\n",
                "     {wished}\n",
            ),
        ),
        (_TEST_CLAIMS,),
    ),
    defect(
        "lease-never-returns",
        "What a killed worker held is never sent: the customer is not asked at all.",
        _ROUNDS,
        "    counts.returned, counts.unknown = outcomes.return_expired_leases(now)\n", "",
        _TEST_CLAIMS, _TEST_ROUNDS,
    ),
    defect(
        "lease-returned-too-soon",
        "A worker's mails are given to another while it still sends them.",
        _OUTCOMES,
        "d.lease_until < %(now)s::timestamptz\n",
        "d.lease_until < %(now)s::timestamptz + interval '90 seconds'\n",
        _TEST_CLAIMS,
    ),
    defect(
        "mail-in-flight-sent-again",
        "A mail that a killed worker was handing over is sent again and may arrive twice.",
        _OUTCOMES,
        "     SET status = CASE WHEN d.in_flight_at IS NULL THEN 'queued' ELSE 'unknown' END,\n",
        "     SET status = 'queued',\n",
        _TEST_CLAIMS,
    ),
    defect(
        "taken-over-worker-still-counts",
        "A worker that was taken over marks mails that are another's by now.",
        _OUTCOMES,
        "   WHERE d.id = a.delivery AND d.lease = %(lease)s::uuid\n",
        "   WHERE d.id = a.delivery\n",
        _TEST_CLAIMS, _TEST_RACES,
    ),
    defect(
        "last-look-forgets-reopening",
        "A case reopened between claim and sending is asked about.",
        _OUTCOMES, "     AND r.reopened_at IS NULL\n", "",
        _TEST_RACES,
    ),
    defect(
        "last-look-forgets-suppression",
        "Somebody who unsubscribes while a round is under way gets the mail all the same.",
        _OUTCOMES,
        "     AND NOT EXISTS (SELECT 1 FROM surveys_suppression s"
        " WHERE s.email_hash = g.email_hash)\n", "",
        _TEST_RACES,
    ),
    defect(
        "pace-ignored",
        "Mails leave faster than the provider allows, and it shuts us out.",
        "surveys/services/delivery_postponing.py",
        "    return [mail for mail in mails if mail.delivery_id in going], later\n",
        "    return list(mails), {}\n",
        _TEST_PACING,
    ),
    defect(
        "newcomers-jump-the-queue",
        "While a domain is paced, new mails overtake those that wait.",
        "surveys/services/delivery_pacing.py",
        "        if self.queue_until > now and not queued:\n", "        if False:\n",
        _TEST_PACING,
    ),
    defect(
        "two-surveys-in-one-claim",
        "A customer with two resolved cases gets two surveys in one minute, despite the cool-down.",
        _CLAIMS,
        "        if busy or mail.customer_id in taken:\n", "        if busy:\n",
        _TEST_CLAIMS, _TEST_RACES,
    ),
    defect(
        "night-forgotten-at-claim",
        "A mail that comes late wakes a customer in the middle of the night.",
        _CLAIMS,
        "        later = {} if scope.ignore_delay else at_night(good, scope.now)\n",
        "        later: dict[int, dt.datetime] = {}\n",
        "tests/surveys/services/test_delivery_cadence.py", _TEST_CLAIMS,
        "tests/surveys/services/test_policy_effects.py",
    ),
    defect(
        "cooldown-a-day-short",
        "With a cool-down of 30 days a customer is asked again after 29.",
        "surveys/services/scheduling.py",
        "    limit = timedelta(days=cooldown_days)\n",
        "    limit = timedelta(days=cooldown_days - 1)\n",
        "tests/surveys/services/test_scheduling.py",
    ),
    defect(
        "wrong-hour-when-clocks-change",
        "On the night the clocks go back, mails wait an hour too long.",
        "surveys/services/allowed_hours.py",
        "    return early if early > after else late\n", "    return late\n",
        "tests/surveys/services/test_allowed_hours.py",
    ),
    defect(
        "unknown-never-closes",
        "A survey whose mail may have arrived stays open for ever.",
        "surveys/services/expiry.py",
        "   WHERE status IN ('sent', 'unknown') AND expires_at <= %(now)s::timestamptz\n",
        "   WHERE status = 'sent' AND expires_at <= %(now)s::timestamptz\n",
        "tests/surveys/services/test_expiry.py",
    ),
)  # fmt: skip
