"""Defects of aggregation: answers counted twice, never, on a wrong day, for a wrong person."""

from __future__ import annotations

from typing import Final

from tests.defects.kinds import Defect, defect

_APPLY: Final = "analytics/aggregates/apply.py"
_CELLS: Final = "analytics/aggregates/cells.py"
_ANSWERS: Final = "analytics/frames/answers.py"
_TEST_AGGREGATES: Final = "tests/analytics/aggregates"
_TEST_FIGURES: Final = "tests/analytics/reports/test_figures_equal_the_recount.py"

AGGREGATION: Final[tuple[Defect, ...]] = (
    defect(
        "counted-outside-the-transaction",
        "After a crash an answer is missing in every report, for good.",
        _APPLY,
        "    with transaction.atomic():\n        if not write.lock(wait=wait):\n",
        "    if True:\n        if not write.lock(wait=wait):\n",
        _TEST_AGGREGATES,
    ),
    defect(
        "revision-counted-beside-the-first",
        "A customer who changes an answer counts twice.",
        _APPLY,
        "    superseded = [row for key, row in before.items() if now.get(key) != row]\n",
        "    superseded = [row for key, row in before.items() if key not in now]\n",
        _TEST_AGGREGATES,
    ),
    defect(
        "erased-never-subtracted",
        "Answers of erased people stay in the totals.",
        _APPLY,
        "    superseded = [row for key, row in before.items() if now.get(key) != row]\n",
        "    superseded = [row for key, row in before.items() if now.get(key, row) != row]\n",
        _TEST_AGGREGATES,
    ),
    defect(
        "two-appliers-at-once",
        "Two workers count the same answers at the same moment.",
        "analytics/aggregates/write.py",
        '            cursor.execute(f"SELECT {name}(%s::bigint)", [WRITERS])\n'
        "            return True",
        "            return True",
        _TEST_AGGREGATES,
    ),
    defect(
        "wrong-day-near-midnight",
        "An answer given before midnight stands on the next day for half of the year.",
        _ANSWERS,
        "(p.answered_at AT TIME ZONE 'UTC')::date AS answered_on",
        "(p.answered_at AT TIME ZONE 'Europe/Berlin')::date AS answered_on",
        _TEST_AGGREGATES, _TEST_FIGURES,
    ),
    defect(
        "agent-blamed-for-the-team",
        "F2 of a case with several agents is put down to each of them.",
        _CELLS,
        '    single = signed["n_agents"] == 1\n', '    single = signed["n_agents"] >= 1\n',
        _TEST_AGGREGATES, _TEST_FIGURES,
    ),
    defect(
        "bystander-is-rated",
        "Whoever touched a case for a minute is rated for all of it.",
        _ANSWERS, "h.share >= 0.5 ORDER BY", "h.share >= 0.1 ORDER BY",
        _TEST_AGGREGATES, _TEST_FIGURES,
    ),
    defect(
        "agent-adjusted-by-the-cause-rating",
        "An agent's figure moves with how angry the customer was about the cause.",
        "analytics/frames/blocks.py",
        '    columns["fix_ratings"] = 6 * f1 + np.where(alone & (f2 > 0), f2, f1)\n',
        '    columns["fix_ratings"] = 6 * f1 + np.where(\n'
        "        alone & (f2 > 0), f2, np.where((c1 > 3) & (f1 > 1), f1 - 1, f1)\n"
        "    )\n",
        _TEST_FIGURES, "tests/analytics/reports/test_two_reports.py",
    ),
    defect(
        "change-of-answer-unseen",
        "Answers changed after they were counted never move a figure.",
        _APPLY,
        "    changed = [row for key, row in now.items() if before.get(key) != row]\n",
        "    changed = [row for key, row in now.items() if key not in before]\n",
        _TEST_AGGREGATES,
    ),
    defect(
        "cached-figures-never-age",
        "Reports show yesterday's figures for ever.",
        _APPLY,
        "        return Applied(changes, write.bump())\n", "        return Applied(changes, 1)\n",
        _TEST_AGGREGATES,
    ),
    defect(
        "recount-sees-no-difference",
        "A wrong total is never found, for the recount says all is well.",
        "analytics/aggregates/blocks.py",
        "    return tally(unpack(data) for data in blocks) != expected\n", "    return False\n",
        _TEST_AGGREGATES,
    ),
)  # fmt: skip
