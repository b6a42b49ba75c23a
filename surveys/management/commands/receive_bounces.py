"""The door for reports that a mail server delivers."""

from __future__ import annotations

import asyncio
import signal
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.services import report_listener

EXAMPLE = "manage.py receive_bounces --lmtp 127.0.0.1:8024"


class Command(BaseCommand):
    help = (
        "Take bounces and complaints from your mail server over LMTP or SMTP until stopped. "
        "Without an address it listens at BOUNCE_LISTENER; `up` starts it where that is set. "
        f"Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        doors = parser.add_mutually_exclusive_group()
        doors.add_argument("--lmtp", metavar="HOST:PORT", help="listen there for LMTP")
        doors.add_argument("--smtp", metavar="HOST:PORT", help="listen there for SMTP")
        parser.add_argument(
            "--json", action="store_true", help="print where it listens as JSON, one line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BOUNCE_ADDRESS:
            raise CommandError(
                "BOUNCE_ADDRESS is not set, so no mail comes back to a signed address. "
                "Example: BOUNCE_ADDRESS=bounce@survey.example.org"
            )
        protocol, host, port = _door(options)
        try:
            listening = report_listener.listen(host, port)
        except OSError as error:
            raise CommandError(f"cannot listen on {host} port {port}: {error.strerror}") from error
        place = f"{protocol}://{host}:{listening.getsockname()[1]}"
        told = f'{{"listening": "{place}"}}' if options["json"] else f"listening {place}"
        self.stdout.write(told)
        self.stdout.flush()
        asyncio.run(_until_stopped(protocol, listening))


def _door(options: dict[str, Any]) -> tuple[str, str, int]:
    for protocol in ("lmtp", "smtp"):
        if options[protocol]:
            url = f"{protocol}://{options[protocol]}"
            break
    else:
        url = settings.BOUNCE_LISTENER
    if not url:
        raise CommandError(f"where to listen is missing. Example: {EXAMPLE}")
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port
    except ValueError:
        host, port = None, None
    if not host or port is None:
        raise CommandError(f"{url.partition('//')[2]!r} is no HOST:PORT. Example: {EXAMPLE}")
    return found.scheme, host, port


async def _until_stopped(protocol: str, listening: Any) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await report_listener.serve(protocol, listening, ended)
