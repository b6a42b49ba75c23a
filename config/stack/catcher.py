"""The mail catcher: an SMTP server that files every mail instead of sending it on.

Run by path with `python -P catcher.py SOCKET_FD DIRECTORY`, so that it loads nothing of the
product. The supervisor opens the socket, so the port stays the same when the catcher is started
again.

Each mail becomes one file whose name sorts by arrival, written aside first and renamed, as in a
maildir: who reads the directory never sees half a mail. The envelope goes in front as Return-Path
and Delivered-To.
"""

import asyncio
import itertools
import os
import signal
import socket
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 33_554_432


class Filing:
    """aiosmtpd's handler: one file per mail."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.aside = directory / ".incoming"
        self.aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.numbers = itertools.count()

    async def handle_DATA(  # noqa: N802 -- the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self.numbers):06d}.eml"
        head = f"Return-Path: <{envelope.mail_from}>\r\n"
        head += "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            (self.aside / name).write_bytes(head.encode() + content)
            (self.aside / name).rename(self.directory / name)
        except OSError as error:
            return f"452 4.3.1 the mail cannot be stored: {error.strerror}"
        return "250 2.0.0 filed"


async def serve(listening: socket.socket, directory: Path) -> None:
    """Take mail until SIGTERM."""
    loop = asyncio.get_running_loop()
    handler = Filing(directory)

    def session() -> SMTP:
        return SMTP(
            handler,
            hostname="stabledoor.localhost",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    server = await loop.create_server(session, sock=listening)
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])))
