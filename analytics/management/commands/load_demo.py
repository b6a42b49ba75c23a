"""`manage.py load_demo`: half a year of a phone company, or its removal."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from tqdm import tqdm

from analytics.aggregates import apply_all
from surveys.management.explained import ExplainedCommand
from surveys.services import sample


class Command(ExplainedCommand):
    help = (
        "Load sample data: 40 agents in 5 teams, 12 causes, half a year of cases and answers, "
        "in which a faulty plan change begins in month 4. Does nothing where it is loaded."
        "\n\nExample:\n  manage.py load_demo\n"
        "  manage.py load_demo --cases 20000 --seed 7\n  manage.py load_demo --remove"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=int, default=4000, help="number of cases (4000)")
        parser.add_argument("--seed", type=int, default=1, help="same seed, same story (1)")
        parser.add_argument("--remove", action="store_true", help="remove all sample data")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *, cases: int, seed: int, remove: bool, json: bool, **_: Any) -> None:
        if remove:
            counts = {"removed": sample.remove_sample_data()}
            apply_all()
        elif sample.is_loaded():
            counts = {"cases": 0, "responses": 0}
        else:
            counts = self._load(cases, seed)
        self._say(counts, as_json=json)

    def _load(self, n_cases: int, seed: int) -> dict[str, int]:
        with tqdm(total=n_cases, unit=" cases", disable=not sys.stderr.isatty()) as bar:
            responses = sample.load_sample(n_cases, seed, timezone.now(), bar.update)
        apply_all()
        return {"cases": n_cases, "responses": responses}

    def _say(self, counts: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(counts))
        elif "removed" in counts:
            self.stdout.write(f"{counts['removed']} sample cases removed.")
        elif counts["cases"]:
            self.stdout.write(f"{counts['cases']} cases, {counts['responses']} responses loaded.")
        else:
            self.stdout.write("The sample data is loaded already.")
