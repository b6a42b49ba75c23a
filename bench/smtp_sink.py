"""A mail server that takes everything as fast as it can, in a process of its own.

aiosmtpd would be the bottleneck at about a thousand mails a second.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized

_REPLIES = {b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n", b"RSET": b"250 ok\r\n"}
_EHLO = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


class _Session(asyncio.Protocol):
    def __init__(self, taken: Synchronized[int]) -> None:
        self._taken = taken
        self._unread = b""
        self._in_mail = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._unread += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))

    def _next(self) -> bytes | None:
        """Consume one command or one mail; None where it has not come in full."""
        end = b"\r\n.\r\n" if self._in_mail else b"\r\n"
        head, found, rest = self._unread.partition(end)
        if not found:
            return None
        self._unread = rest
        if self._in_mail:
            self._in_mail = False
            self._taken.value += 1
            return b"250 taken\r\n"
        verb = head[:4].upper()
        if verb == b"DATA":
            self._in_mail = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self._transport.close()
            return b"221 bye\r\n"
        return _EHLO if verb == b"EHLO" else _REPLIES.get(verb, b"502 what?\r\n")


async def _serve(listening: socket.socket, taken: Synchronized[int]) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Session(taken), sock=listening)
    async with server:
        await server.serve_forever()


def _main(listening: socket.socket, taken: Synchronized[int]) -> None:
    asyncio.run(_serve(listening, taken))


@contextmanager
def sink() -> Iterator[tuple[int, Synchronized[int]]]:
    """The port of a running sink, and how many mails it took so far."""
    context = multiprocessing.get_context("fork")
    taken: Synchronized[int] = context.Value("q", 0, lock=False)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        process = context.Process(target=_main, args=(listening, taken), daemon=True)
        process.start()
        try:
            yield listening.getsockname()[1], taken
        finally:
            process.terminate()
            process.join()
