"""Defects of what comes back, and of the list of addresses not to be written to."""

from __future__ import annotations

from typing import Final

from tests.defects.kinds import Defect, Edit, defect

_BOUNCES: Final = "surveys/services/bounces.py"
_SUPPRESSIONS: Final = "surveys/services/suppressions.py"
_TEST_BOUNCES: Final = "tests/surveys/services/test_bounces.py"
_TEST_SUPPRESSIONS: Final = "tests/surveys/services/test_suppressions.py"
_TEST_WEAKER: Final = "tests/surveys/services/test_suppression_never_weaker.py"

BOUNCES: Final[tuple[Defect, ...]] = (
    defect(
        "soft-bounce-suppresses",
        "A mailbox that was full for a day is never written to again.",
        _BOUNCES,
        "    if case.fate.kind is Kind.SOFT and _keeps_coming_back(case):\n",
        "    if case.fate.kind is Kind.SOFT:\n",
        _TEST_BOUNCES,
    ),
    defect(
        "unsigned-report-acts",
        "Whoever can guess a number silences any customer.",
        _BOUNCES,
        "    is_ours = nonce is not None and return_paths.is_signed(claimed, nonce)\n",
        "    is_ours = nonce is not None\n",
        _TEST_BOUNCES,
    ),
    defect(
        "signature-by-its-first-letters",
        "A forged return path is believed after a few thousand tries.",
        "surveys/services/return_paths.py",
        "            _signature(secret, claimed.delivery_id, letter, nonce), claimed.signature\n",
        "            _signature(secret, claimed.delivery_id, letter, nonce)[:3],"
        " claimed.signature[:3]\n",
        "tests/surveys/services/test_return_paths.py",
    ),
    defect(
        "signature-without-the-nonce",
        "After an old backup is restored, late bounces hit the wrong people.",
        "surveys/services/return_paths.py",
        'text = b"%d.%s." % (delivery_id, letter.encode()) + nonce.bytes\n',
        'text = b"%d.%s." % (delivery_id, letter.encode())\n',
        "tests/surveys/services/test_return_paths.py",
    ),
    defect(
        "report-counts-twice",
        "One bounce that comes by two ways counts as two.",
        _BOUNCES,
        "    if DeliveryReport.objects.filter(report_key=key).exists():\n", "    if False:\n",
        _TEST_BOUNCES,
    ),
    defect(
        "late-bounce-suppresses",
        "A bounce of half a year ago silences somebody who has a mailbox again.",
        _BOUNCES, "    if case.now - case.sent_at > LATE_AFTER:\n", "    if False:\n",
        _TEST_BOUNCES,
    ),
    defect(
        "bounce-undoes-an-answer",
        "Somebody who answered is marked as never reached.",
        _BOUNCES,
        "    if Response.objects.filter(invitation=case.invitation).exists():\n"
        "        return Effect.ANSWERED\n", "",
        _TEST_BOUNCES,
    ),
    defect(
        "report-overtakes-its-mail",
        "A bounce that is faster than the worker's own note is lost.",
        _BOUNCES, "        raise NotSettled\n", "        pass\n",
        _TEST_BOUNCES, "tests/surveys/services/test_bounces_races.py",
    ),
    defect(
        "old-bounce-beats-a-wish",
        "Somebody subscribes again, and a bounce of before silences them at once.",
        _BOUNCES,
        "    if not case.address or lifted_since(case.address, case.sent_at):\n",
        "    if not case.address:\n",
        _TEST_BOUNCES,
    ),
    Defect(
        "out-of-office-kept",
        "What a person wrote in their automatic reply is shown to staff.",
        (
            Edit(
                _BOUNCES,
                '        words=case.fate.words if case.fate.kind in _WORDS_KEPT else "",\n',
                "        words=case.fate.words,\n",
            ),
            # The parser gives none by itself: one of the two alone does no harm.
            Edit(
                "surveys/mail/reports/plain.py",
                "(Fate(Kind.AUTO_REPLY),)",
                "(Fate(Kind.AUTO_REPLY, words=text[:300]),)",
            ),
        ),
        (_TEST_BOUNCES,),
    ),
    defect(
        "lighter-reason-replaces",
        "A bounce hides that somebody said never again.",
        _SUPPRESSIONS,
        "    elif is_weightier(reason, suppression.reason):\n", "    else:\n",
        _TEST_SUPPRESSIONS, _TEST_WEAKER,
    ),
    defect(
        "erasure-can-be-lifted",
        "Somebody who was erased is written to again.",
        _SUPPRESSIONS,
        "        found = held.exclude(reason=_REASONS.ERASED).first()\n",
        "        found = held.first()\n",
        _TEST_SUPPRESSIONS, _TEST_WEAKER,
    ),
    defect(
        "suppression-leaves-the-queue",
        "Whoever unsubscribes still sees a survey scheduled for them.",
        _SUPPRESSIONS,
        "    theirs = Invitation.objects.filter(customer_id__in=customers)\n",
        "    theirs = Invitation.objects.none()\n",
        _TEST_SUPPRESSIONS,
    ),
    defect(
        "capitals-slip-through",
        "Ada@example.com unsubscribed, ada@example.com is written to.",
        "surveys/services/tokens.py",
        '    address = email.strip().lower().encode("utf-8", "surrogatepass")\n',
        '    address = email.strip().encode("utf-8", "surrogatepass")\n',
        "tests/surveys/services/test_tokens.py", _TEST_SUPPRESSIONS,
    ),
    defect(
        "lifting-without-words",
        "Staff take an address off the list, and nobody knows why.",
        _SUPPRESSIONS, "    if not told.note.strip():\n", "    if False:\n",
        _TEST_SUPPRESSIONS, _TEST_WEAKER,
    ),
)  # fmt: skip
