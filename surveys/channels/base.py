"""What every way to a customer has in common.

A channel is one file here: its name, what it knows a customer by, and, where it sends by itself, a
session that carries messages one after the other. A session says of each message how it ended, and
only that decides what becomes of it:

- it returns a `Receipt`: accepted, with the name that the provider gave it, where there is one;
- `Refused`: a definite no, for good or for now, to this one message;
- `Interrupted`: it broke before anything of the message was given away, so nobody can have it;
- `OutcomeUnknown`: it broke after that, so nobody knows; never sent again by itself;
- `Unreachable`: there is no session at all, so no message was touched.

To write a further one see docs/channels.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

#: What a channel has to know of a customer. "" where somebody else knows it.
Address = Literal["email", "phone", ""]


@dataclass(frozen=True, slots=True)
class Message:
    """One message ready to leave. ``content`` is in the channel's own form."""

    sender: str
    recipient: str
    content: bytes
    #: Names the message, signed, to whoever tells us of it later; "" where nobody does.
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a message was accepted: what was said of it, and its name at the provider's."""

    said: str
    provider_id: str = ""


class NotAccepted(Exception):  # noqa: N818 -- it names what happened
    """A message was not, or perhaps not, handed over; the text says why to a person."""


class Unreachable(NotAccepted):
    """No session: the other side is away, hangs, or refuses our credentials."""


class Interrupted(NotAccepted):
    """The session broke before any content was sent: the other side cannot have the message."""


class OutcomeUnknown(NotAccepted):
    """The session broke after content was sent: the other side may have accepted the message."""


class Refused(NotAccepted):
    """The other side's definite no to one message."""

    #: Whether it would say no again.
    permanent = True
    #: Whether the address itself is at fault: it is never written to again.
    bad_address = False
    #: Whether the person told the provider that they want no more.
    unsubscribed = False
    #: Whether the fault is ours, so that every other message would share its fate.
    is_about_us = False
    #: Whether the other side ends the session with this.
    ends_session = False


class Session(ABC):
    """A connection kept for many messages; the first of them opens it.

    For each message ``deliver``; or ``offer``, then ``hand_over`` or ``withdraw``, for whoever has
    to know in between. Raises: the errors above, each as it says.
    """

    @abstractmethod
    def connect(self) -> None:
        """Open the session where there is none. Raises: Unreachable."""

    @abstractmethod
    def deliver(self, message: Message, following: Message | None = None) -> Receipt:
        """The whole message, with as few round trips as can be. ``following`` is the one delivered
        next, where that is known: nothing of its content leaves yet, but a protocol may ask about
        it along the way, and the answer is that one's own."""

    @abstractmethod
    def close(self) -> None:
        """End the session."""

    def offer(self, message: Message) -> None:  # noqa: B027 -- not every protocol has such a step
        """Ask all that can be refused before the message itself is sent."""

    def hand_over(self, message: Message) -> Receipt:
        """The message itself, behind its offer."""
        return self.deliver(message)

    def withdraw(self) -> None:  # noqa: B027 -- nothing is to be taken back where nothing is offered
        """Take an offer back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to the customer. ``session`` is None where nothing is sent from here: then somebody
    fetches or shows the link. ``carries`` says in words how the survey goes out by it."""

    name: str
    label: str
    carries: str
    address: Address
    #: It is given how many seconds a message may take, None for as many as usual.
    session: Callable[[float | None], Session] | None = None
    #: Whether a policy may choose it.
    is_offered: bool = True
    #: The variable without which nothing can be sent, "" where there is none.
    needs: str = ""


#: How a policy's channel is called where none was chosen.
USUAL: Final = "mail"
#: Those that know a customer by a telephone number.
BY_NUMBER: Final = ("sms", "whatsapp")
