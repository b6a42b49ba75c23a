"""Defects of intake: what helpdesks tell, how often and in which order."""

from __future__ import annotations

from typing import Final

from tests.defects.kinds import Defect, defect

_INTAKE: Final = "surveys/services/intake.py"
_RESOLUTIONS: Final = "surveys/services/intake_resolutions.py"
_READING: Final = "surveys/services/intake_reading.py"
_TEST_INTAKE: Final = "tests/surveys/services/test_intake.py"
_TEST_ORDER: Final = "tests/surveys/services/test_intake_order.py"
_TEST_READING: Final = "tests/surveys/services/test_intake_reading.py"
_TEST_API: Final = "tests/surveys/api/test_cases.py"

INTAKE: Final[tuple[Defect, ...]] = (
    defect(
        "arrival-decides",
        "An event that arrives late overwrites what is newer.",
        "surveys/services/events.py",
        "    ordered = sorted(events, key=lambda event: event.key)\n",
        "    ordered = list(events)\n",
        "tests/surveys/services/test_events.py", _TEST_ORDER,
    ),
    defect(
        "repetition-invites-again",
        "A helpdesk that sends an event twice has the customer asked twice.",
        _RESOLUTIONS,
        "        row = unmatched.get(resolved.resolved_at)\n", "        row = None\n",
        _TEST_INTAKE,
    ),
    defect(
        "late-event-invites-again",
        "An earlier event that arrives after the survey was sent has the customer asked twice.",
        _RESOLUTIONS,
        "            row = _sent_meanwhile(resolved, unmatched)\n", "            pass\n",
        _TEST_INTAKE,
    ),
    defect(
        "acknowledged-and-not-stored",
        "The helpdesk gets its 201, and the case is nowhere.",
        "surveys/api/cases.py",
        "            outcomes = intake.take(reports, now=now)\n",
        "            outcomes = intake.probe(reports, now=now)\n",
        _TEST_API,
    ),
    defect(
        "one-bad-case-rejects-all",
        "One case that the database refuses holds up the thousand around it.",
        _INTAKE,
        "        _take_one_by_one(batch, checked)\n", "        raise\n",
        _TEST_INTAKE,
    ),
    defect(
        "idempotency-key-ignored",
        "A client that sends again after a lost answer gets another answer.",
        "surveys/services/idempotency.py",
        "    if stored is not None and stored.created_at > now - KEPT"
        " and stored.status is not None:\n",
        "    if False:\n",
        "tests/surveys/services/test_idempotency.py", _TEST_API,
    ),
    defect(
        "reply-kept-apart-from-its-effect",
        "After a crash a client is told that something was done which was not, or it is done"
        " twice.",
        "surveys/services/idempotency.py",
        "    return with_retries(lambda: _once(api_key, name, request_hash, now, effect))\n",
        "    return _once(api_key, name, request_hash, now, effect)\n",
        "tests/surveys/services/test_idempotency.py",
    ),
    defect(
        "far-future-accepted",
        "A clock that is wrong by years makes a case the newest for ever.",
        _READING, "    elif value > now + _AHEAD:\n", "    elif False:\n",
        _TEST_READING,
    ),
    defect(
        "nul-accepted",
        "A NUL byte in a subject makes a 500 of the whole batch.",
        "surveys/services/storable.py", '    return "\\x00" not in text and (\n', "    return (\n",
        _TEST_READING,
    ),
    defect(
        "reopened-stays-scheduled",
        "A reopened case is shown as if its survey went out soon.",
        "surveys/services/scheduling.py",
        "        if candidate.reopened:\n", "        if False:\n",
        _TEST_INTAKE, "tests/surveys/services/test_scheduling.py",
    ),
    defect(
        "reminder-survives-reopening",
        "The reminder of a reopened case still stands in the queue.",
        "surveys/services/intake_plan.py",
        "    if reopened:\n        _cancel_reminders(reopened)\n", "",
        _TEST_INTAKE,
    ),
    defect(
        "new-case-overrides-suppression",
        "Whoever unsubscribed is planned a survey for their next case.",
        "surveys/services/intake_suppressed.py",
        "            return self.addresses.get(email_hash(customer.email))\n",
        "            return None\n",
        _TEST_INTAKE, "tests/surveys/services/test_suppressions.py",
    ),
    defect(
        "deadlock-is-an-error",
        "Two helpdesks that tell of the same case at once, and one of them gets a 500.",
        "surveys/services/intake_sql.py",
        "            if attempt == _ATTEMPTS or not isinstance(error.__cause__, _RETRIED):\n",
        "            if True:\n",
        "tests/surveys/services/test_intake_races.py",
        "tests/surveys/services/test_bounces_races.py",
        "tests/surveys/services/test_intake_sql.py",
    ),
    defect(
        "case-row-not-locked",
        "Two batches about one case at once, and the older one wins.",
        "surveys/services/intake_cases.py",
        "WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE", "WHERE id = ANY(%s::bigint[])",
        "tests/surveys/services/test_intake_races.py",
    ),
    defect(
        "revoked-key-opens",
        "A key that was revoked because it leaked still writes.",
        "surveys/services/keys.py",
        "ApiKey.objects.filter(key_hash=hash_of(secret), revoked_at=None).first()",
        "ApiKey.objects.filter(key_hash=hash_of(secret)).first()",
        "tests/surveys/services/test_keys.py",
    ),
    defect(
        "read-key-writes",
        "A key for reading takes in cases.",
        "surveys/api/permissions.py",
        "            needed = for_reading if request.method in SAFE_METHODS else for_writing\n",
        "            needed = for_reading | for_writing\n",
        "tests/surveys/api/test_base.py", _TEST_API,
    ),
)  # fmt: skip
