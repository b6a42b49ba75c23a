"""A TCP proxy that delays, resets and half-closes, as networks do."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Final

PASS: Final = "pass"
DELAY: Final = "delay"
RESET: Final = "reset"
HALF_CLOSE: Final = "half-close"

_AT_ONCE: Final = 64 * 1024
#: A connection under RESET or HALF_CLOSE breaks after at most so many pieces.
_PIECES: Final = 6
_AWAY: Final = (OSError, asyncio.IncompleteReadError)


@dataclass(eq=False)
class _Link:
    """One connection through the proxy."""

    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    left: int

    def breaks(self) -> bool:
        self.left -= 1
        return self.left <= 0

    def reset(self) -> None:
        for writer in self.writers:
            found = writer.get_extra_info("socket")
            if found is not None:
                # Closed with this, a socket says RST and not FIN.
                linger = struct.pack("ii", 1, 0)
                with contextlib.suppress(OSError):
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()


class Proxy:
    """Listens on `port` of this machine and passes on to another, in a thread of its own; `mode`
    may be changed at any time and holds for connections that stand too."""

    def __init__(self, target: int, lot: random.Random) -> None:
        self.mode = PASS
        self._target = target
        self._lot = lot
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()  # the loop alone does not keep them
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._keep, sock=self._listening)
        )
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._loop.run_until_complete(self._end())
            self._loop.close()

    async def _end(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the transports that were closed say so

    def _keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        link = _Link((writer, far_writer), self._lot.randint(1, _PIECES))
        try:
            await asyncio.gather(
                self._pump(reader, far_writer, link, towards_client=False),
                self._pump(far_reader, writer, link, towards_client=True),
            )
        finally:
            for each in link.writers:
                each.close()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        link: _Link,
        *,
        towards_client: bool,
    ) -> None:
        with contextlib.suppress(*_AWAY):
            while data := await reader.read(_AT_ONCE):
                if self.mode == DELAY:
                    await asyncio.sleep(self._lot.uniform(0.02, 0.5))
                elif self.mode == RESET and link.breaks():
                    link.reset()
                    return
                elif self.mode == HALF_CLOSE and towards_client and link.breaks():
                    # The client hears that this was all; what it says still arrives.
                    writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()
            writer.write_eof()
