"""Load made-up cases and answers."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from analytics import simulation
from analytics.simulation.load import AlreadySimulatedError


class Command(BaseCommand):
    help = (
        "Load made-up cases and answers whose truth is known, for benchmarks. The same seed, "
        "sizes and last day load the same data; all of it is marked as sample data. "
        "Example: manage.py simulate --cases 1000000 --seed 7 --agents 200 --truth truth.json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, required=True, help="how many resolved cases")
        parser.add_argument("--seed", type=int, required=True, help="what chance starts from")
        parser.add_argument("--agents", type=int, default=40, help="how many agents (40)")
        parser.add_argument("--causes", type=int, default=20, help="how many causes (20)")
        parser.add_argument("--days", type=int, default=180, help="over how many days (180)")
        parser.add_argument(
            "--last-day", type=dt.date.fromisoformat, help="last day of resolution (yesterday)"
        )
        parser.add_argument(
            "--response-rate", type=float, default=0.3, help="share of customers who answer (0.3)"
        )
        parser.add_argument(
            "--halo", type=float, default=0.4, help="spread of the mood both ratings share (0.4)"
        )
        parser.add_argument(
            "--softening", type=float, default=0.25, help="path from agent to C1 (0.25)"
        )
        parser.add_argument(
            "--routed", type=float, default=0.8, help="share of cases routed by cause (0.8)"
        )
        parser.add_argument(
            "--angry-answer",
            type=float,
            default=0.0,
            help="log odds of answering per step of C1 (0: anger does not matter)",
        )
        parser.add_argument(
            "--flaw",
            nargs=2,
            type=int,
            metavar=("CAUSE", "DAY"),
            help="from this day on twice as many mind the cause; both counted from 1",
        )
        parser.add_argument(
            "--uncounted", action="store_true", help="let the answers wait for the workers to count"
        )
        parser.add_argument("--truth", type=Path, help="write the truth to this file, as JSON")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        last_day = options["last_day"] or (timezone.now() - dt.timedelta(days=1)).date()
        flaw = None
        if options["flaw"]:
            flaw = simulation.Flaw(*(number - 1 for number in options["flaw"]))
        start = time.perf_counter()
        try:
            made = simulation.simulate(
                options["cases"],
                options["seed"],
                last_day=last_day,
                agents=options["agents"],
                causes=options["causes"],
                days=options["days"],
                response_rate=options["response_rate"],
                nature=simulation.Nature(
                    **{name: options[name] for name in ("halo", "softening", "routed")},
                    angry_answer=options["angry_answer"],
                ),
                flaw=flaw,
                counted=not options["uncounted"],
            )
        except AlreadySimulatedError as error:
            raise CommandError(f"{error}; take another --seed") from error
        except ValueError as error:  # a flaw that cannot be
            raise CommandError(f"--flaw: {error}") from error
        seconds = time.perf_counter() - start
        if options["truth"]:
            options["truth"].write_text(json.dumps(_truth(made.truth, options["seed"]), indent=1))
        if options["json"]:
            found = {"cases": made.cases, "responses": made.responses, "seconds": round(seconds, 2)}
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write(
                f"{made.cases:,} cases and {made.responses:,} responses in {seconds:.1f} s."
            )


def _check(options: dict[str, Any]) -> None:
    if options["halo"] < 0 or not 0 <= options["routed"] <= 1:
        raise CommandError("--halo must be at least 0 and --routed lie between 0 and 1")
    for name, least in (("cases", 1), ("seed", 0), ("agents", 1), ("causes", 1), ("days", 1)):
        if options[name] < least:
            raise CommandError(f"--{name} must be at least {least}")
    if not 0 <= options["response_rate"] <= 1:
        raise CommandError("--response-rate must lie between 0 and 1")
    if options["flaw"] and not 1 <= options["flaw"][0] <= options["causes"]:
        raise CommandError(f"--flaw names a cause outside 1 to {options['causes']}")


def _truth(truth: simulation.World, seed: int) -> dict[str, Any]:
    """What a perfect report would find, by the names that the reports use."""
    return {
        "agents": {
            f"sim-agent-{seed}-{k}": {"quality": float(quality), "fair_top2": float(share)}
            for k, (quality, share) in enumerate(
                zip(truth.quality, truth.fair_top2(), strict=True), start=1
            )
        },
        "causes": {
            f"sim-cause-{seed}-{k}": {"anger": float(anger), "dismayed": float(share)}
            for k, (anger, share) in enumerate(
                zip(truth.anger, truth.dismayed(), strict=True), start=1
            )
        },
    }
