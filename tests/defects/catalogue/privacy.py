"""Defects of privacy: erasure, exports, and how few are too few."""

from __future__ import annotations

from typing import Final

from tests.defects.kinds import Defect, defect

_PRIVACY: Final = "surveys/services/privacy.py"
_TEST_PRIVACY: Final = "tests/surveys/services/test_privacy.py"
_TEST_EXPORTS: Final = "tests/surveys/exports"
_TEST_TOLD: Final = "tests/analytics/privacy"

PRIVACY: Final[tuple[Defect, ...]] = (
    defect(
        "erasure-forgets-the-log",
        "The address of an erased person stays in the log of suppressions.",
        _PRIVACY, "        forget_words(each)\n", "",
        _TEST_PRIVACY,
    ),
    defect(
        "erasure-keeps-servers-words",
        "A mail server's answer that quotes the address outlives the erasure.",
        _PRIVACY, '    deliveries.update(last_error="")\n', "",
        _TEST_PRIVACY,
    ),
    defect(
        "erasure-keeps-outgoing-events",
        "What is still to be told to receivers names the case of an erased person.",
        _PRIVACY, "    endpoints.erase(ids)\n", "",
        _TEST_PRIVACY, "tests/surveys/services/outgoing",
    ),
    defect(
        "erasure-keeps-openings",
        "When an erased person opened which link is still known.",
        _PRIVACY,
        "    LinkOpening.objects.filter(invitation__in=invitation_ids).delete()\n", "",
        _TEST_PRIVACY,
    ),
    defect(
        "erased-person-comes-back",
        "The helpdesk sends an old case again, and the erased person is known again.",
        "surveys/services/intake.py", "    _scrub_erased(reports.values())\n", "",
        _TEST_PRIVACY,
    ),
    defect(
        "erased-answers-stay-counted",
        "Answers of an erased person stay in every report.",
        _PRIVACY,
        "        AnswerChange(response_id=number, created_at=now) for number in responses\n",
        "        AnswerChange(response_id=number, created_at=now) for number in responses[:0]\n",
        _TEST_PRIVACY,
    ),
    defect(
        "erased-link-still-opens",
        "The link in an erased person's mailbox still shows their survey.",
        _PRIVACY,
        "        invitation.token_hash = hash_of(secrets.token_urlsafe(32))\n", "",
        _TEST_PRIVACY,
    ),
    defect(
        "erasure-leaves-mails-waiting",
        "A reminder to an erased person waits in the queue.",
        _PRIVACY,
        "    deliveries.filter(status=Delivery.Status.QUEUED)"
        ".update(status=Delivery.Status.CANCELLED)\n", "",
        _TEST_PRIVACY,
    ),
    defect(
        "formula-behind-a-blank",
        "A customer's comment runs as a formula in the manager's spreadsheet.",
        "surveys/exports.py",
        "|[{_SKIPPED}]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20])",
        "|[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20])",
        _TEST_EXPORTS,
    ),
    defect(
        "formula-in-a-header",
        "A cause named =cmd() runs in the manager's spreadsheet.",
        "surveys/exports.py",
        "    header = str(writerow([guard(_text(name)) for name in names]))\n",
        "    header = str(writerow([_text(name) for name in names]))\n",
        _TEST_EXPORTS,
    ),
    defect(
        "told-of-one-too-few",
        "A team lead can tell what one customer said.",
        "analytics/reports/suppression.py",
        "    full = place // least < size // least\n",
        "    full = place // least <= size // least\n",
        _TEST_TOLD,
    ),
    defect(
        "four-are-enough",
        "Figures of four customers are shown where five are promised.",
        "analytics/reports/access.py",
        "FEWEST_FOR_OTHERS = 5\n", "FEWEST_FOR_OTHERS = 4\n",
        _TEST_TOLD,
    ),
)  # fmt: skip
