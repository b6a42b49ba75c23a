"""Run a stand-in for the gateway of short messages."""

from __future__ import annotations

import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.channels.standin import DROP, HANG, Reaction, Refusal, StandIn, Taken

EXAMPLE = "manage.py gateway_standin --port 8201 --receipt delivered"


class Command(BaseCommand):
    help = (
        "Serve a stand-in for the gateway of SMS and WhatsApp on this machine, for trying them "
        "out: it prints every message and sends none. Ends with Ctrl-C. Use it with "
        f"SMS_URL=twilio://AC00:token@default?from=%2B15550100&api_url=http://127.0.0.1:8201. "
        f"Example: {EXAMPLE}"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8201, help="where it listens (8201)")
        bad = parser.add_mutually_exclusive_group()
        bad.add_argument(
            "--refuse", metavar="CODE", type=int,
            help="refuse every message with this code of Twilio's, such as 21211 (no such number), "
            "21610 (said STOP), 20429 (too many) or 500",
        )  # fmt: skip
        bad.add_argument("--hang", action="store_true", help="take every call and say nothing")
        bad.add_argument("--drop", action="store_true", help="take every call and hang up")
        parser.add_argument(
            "--receipt", metavar="FATE", default="",
            help="tell of every message that it was `delivered`, or the code why it was not, such "
            "as 30005",
        )  # fmt: skip
        parser.add_argument(
            "--reply", nargs=2, metavar=("NUMBER", "URL"),
            help="serve nothing; tell this address that the number replied STOP",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["receipt"] not in {"", "delivered"} and not options["receipt"].isdecimal():
            raise CommandError(f"--receipt is `delivered` or a number. Example: {EXAMPLE}")
        try:
            standin = StandIn(
                0 if options["reply"] else options["port"],
                always=_reaction(options),
                fate=options["receipt"],
                show=self._show,
            )
        except OSError as error:
            raise CommandError(f"port {options['port']}: {error.strerror}") from error
        if options["reply"]:
            number, url = options["reply"]
            self.stdout.write(f"answered {standin.reply(url, number, 'STOP')}")
            return
        self.stdout.write(f"ready {standin.url}")
        thread = threading.Thread(target=standin.serve, daemon=True)
        thread.start()
        try:
            thread.join()
        except KeyboardInterrupt:
            standin.close()

    def _show(self, taken: Taken) -> None:
        body = taken.body or taken.form.get("ContentVariables", "")
        self.stdout.write(f"\nto {taken.to} from {taken.sender}\n{body}")
        self.stdout.flush()


def _reaction(options: dict[str, Any]) -> Reaction:
    if code := options["refuse"]:
        if code < 1000:
            return Refusal(code)
        return Refusal({20003: 401, 20429: 429}.get(code, 400), code)
    return HANG if options["hang"] else DROP if options["drop"] else ""
