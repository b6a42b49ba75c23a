"""A real IMAP server in a thread, of as much of the protocol as reading a mailbox takes, that does
what a test tells it: refuse, hang or drop at a verb, before or after it was done."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Literal, Self

Reaction = Literal["no", "hang", "drop", "do and drop"]
#: What a reader of a mailbox says, in the order it says it; UID is left out.
VERBS: Final = ("LOGIN", "CAPABILITY", "SELECT", "SEARCH", "FETCH", "STORE", "EXPUNGE", "LOGOUT")
PASSWORD: Final = "s3cret"


@dataclass
class ImapServer:
    """Folders of messages by number; listens from the start, use as a context manager."""

    modern: bool = True  # MOVE and UIDPLUS
    namespace: str = ""  # new folders are refused unless they begin so
    verbs: list[str] = field(default_factory=list)
    watch: Callable[[str], None] | None = None  # told each verb before it is done

    def __post_init__(self) -> None:
        self.folders: dict[str, dict[int, bytes]] = {"INBOX": {}}
        self.deleted: set[int] = set()
        self._rules: dict[str, Reaction] = {}
        self._number = 0
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        started = threading.Event()

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            self._server = self._loop.run_until_complete(
                asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
            )
            started.set()
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        started.wait(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def put(self, message: bytes, folder: str = "INBOX") -> int:
        self._number += 1
        self.folders.setdefault(folder, {})[self._number] = message
        return self._number

    def on(self, verb: str, reaction: Reaction) -> None:
        """React so the next time."""
        self._rules[verb] = reaction

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            writer.write(b"* OK ready\r\n")
            while line := await reader.readline():
                if not await self._answer(line.decode().strip(), writer):
                    break
        self._tasks.discard(task)
        writer.close()

    async def _answer(self, line: str, writer: asyncio.StreamWriter) -> bool:
        tag, _, command = line.partition(" ")
        verb, _, rest = command.partition(" ")
        if verb.upper() == "UID":
            verb, _, rest = rest.partition(" ")
        verb = verb.upper()
        self.verbs.append(verb)
        if self.watch is not None:
            self.watch(verb)
        reaction = self._rules.pop(verb, None)
        if reaction == "hang":
            await asyncio.sleep(60)
        if reaction in ("hang", "drop"):
            return False
        untagged, end = ([], "NO refused") if reaction == "no" else self._do(verb, rest)
        if reaction == "do and drop":
            return False
        writer.write(b"".join(part + b"\r\n" for part in untagged) + f"{tag} {end}\r\n".encode())
        await writer.drain()
        return verb != "LOGOUT"

    def _do(self, verb: str, rest: str) -> tuple[list[bytes], str]:
        inbox = self.folders["INBOX"]
        words = rest.split(" ")
        match verb:
            case "LOGIN" if PASSWORD not in rest:
                return [], f"NO [AUTHENTICATIONFAILED] {rest} is wrong"
            case "CAPABILITY":
                extra = b" MOVE UIDPLUS" if self.modern else b""
                return [b"* CAPABILITY IMAP4rev1" + extra], "OK done"
            case "SELECT":
                return [b"* %d EXISTS" % len(inbox)], "OK [READ-WRITE] done"
            case "SEARCH":
                numbers = " ".join(str(n) for n in sorted(inbox))
                return [f"* SEARCH {numbers}".encode()], "OK done"
            case "FETCH":
                found = inbox.get(int(words[0]))
                if found is None:
                    return [], "OK nothing there"
                size = re.search(r"<0\.(\d+)>", rest)
                part = found[: int(size[1])] if size else found
                head = f"* 1 FETCH (UID {words[0]} BODY[]<0> {{{len(part)}}}\r\n".encode()
                return [head + part + b")"], "OK done"
            case "LOGOUT":
                return [b"* BYE"], "OK bye"
            case "STORE" | "EXPUNGE" | "CREATE" | "MOVE" | "COPY":
                return [], self._change(verb, rest, inbox)
        return [], "OK done"

    def _change(self, verb: str, rest: str, inbox: dict[int, bytes]) -> str:
        words = rest.split(" ")
        match verb:
            case "STORE":
                self.deleted.add(int(words[0]))
            case "EXPUNGE":
                doomed = {int(words[0])} if words[0] else set(self.deleted)
                for number in doomed & self.deleted:
                    inbox.pop(number, None)
            case "CREATE":
                name = rest.strip('"')
                if not name.startswith(self.namespace):
                    return "NO not there"
                self.folders.setdefault(name, {})
            case "MOVE" | "COPY":
                target = rest.partition(" ")[2].strip('"')
                if target not in self.folders:
                    return "NO [TRYCREATE] no such folder"
                self.put(inbox[int(words[0])], target)
                if verb == "MOVE":
                    del inbox[int(words[0])]
        return "OK done"
