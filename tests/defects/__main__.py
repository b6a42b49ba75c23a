"""`python -m tests.defects`: break the code on purpose, and see whether the suite notices.

    python -m tests.defects                       all of them
    python -m tests.defects --part 2/4            a quarter
    python -m tests.defects lease-never-returns   these alone
    python -m tests.defects --by tests/surveys/delivery_machine   what these tests notice alone
    python -m tests.defects --list

Ends with 1 where fewer than 95 % are caught, with 2 where the catalogue no longer fits the code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tests.defects import trying
from tests.defects.catalogue import DEFECTS
from tests.defects.kinds import Defect, faults

LEAST_CAUGHT: Final = 0.95


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.defects", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--part", default="1/1", help="such as 2/4: the second quarter")
    parser.add_argument("--by", metavar="PATH", help="ask these tests instead of each one's own")
    parser.add_argument("--list", action="store_true", help="say what there is, and break nothing")
    parser.add_argument("--trust", action="store_true", help="do not run the tests unbroken first")
    asked = parser.parse_args(arguments)
    if found := faults(DEFECTS):
        _say("The catalogue no longer fits the code. Mend tests/defects/catalogue:")
        for words in found:
            _say(f"  {words}")
        return 2
    try:
        chosen = _chosen(asked.names, asked.part)
    except ValueError as error:
        _say(str(error))
        return 2
    if asked.list:
        for one in chosen:
            _say(f"{one.name}: {one.harm}")
        return 0
    if asked.by:
        chosen = [replace(one, noticed_by=(asked.by,)) for one in chosen]
    return _try_all(chosen, is_trusting=asked.trust)


def _chosen(names: Sequence[str], part: str) -> list[Defect]:
    """Raises: ValueError, in words for whoever typed it."""
    unknown = sorted(set(names) - {one.name for one in DEFECTS})
    if unknown:
        raise ValueError(f"There is no defect {', '.join(unknown)}; see --list.")
    number, _, of = part.partition("/")
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise ValueError(f"--part {part} is no part; write 2/4 for the second quarter.")
    known = [one for one in DEFECTS if not names or one.name in names]
    first, last = ((len(known) * n) // int(of) for n in (int(number) - 1, int(number)))
    return known[first:last]


def _try_all(chosen: Sequence[Defect], *, is_trusting: bool) -> int:
    trying.start_services()
    tried: list[trying.Tried] = []
    with trying.copied() as copy:
        if not is_trusting:
            selection = [path for one in chosen for path in one.noticed_by]
            is_sound, said = trying.passes(copy, selection)
            if not is_sound:
                _say(f"The tests fail on the code as it is; mend that first.\n{said[-3000:]}")
                return 2
        for one in chosen:
            result = trying.attempt(copy, one)
            tried.append(result)
            _say(f"{result.verdict:9} {result.seconds:5.1f} s  {one.name}  {result.by}")
            if not result.is_caught:
                _say(f"          {one.harm}")
    n_caught = sum(result.is_caught for result in tried)
    _say(f"\n{n_caught} of {len(tried)} defects were caught ({n_caught / len(tried):.1%}).")
    return 0 if n_caught >= LEAST_CAUGHT * len(tried) else 1


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
