"""Reports as servers write them that keep to no standard, and mails that are no reports.

Each form is known by words that its program always writes, and says where its reasons stand. What
is quoted of our own mail below is cut away before anything is judged: it could say "unsubscribe"
or name another address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from surveys.mail.reports import judging
from surveys.mail.reports.found import Fate, Kind
from surveys.mail.reports.mime import Part

_MOST: Final = 6000
#: Where the copy of the mail that came back begins.
_QUOTED: Final = re.compile(
    r"^[ \t>]*(?:-{2,} ?(?:below this line is a copy|this is a copy of (?:the|your) (?:message|"
    r"mail)|original message|the header of the original|returned message|unsent message|"
    r"message header follows|the body of the message|begin original|forwarded message)"
    r"|-{5,} ?(?:original|returned|unsent) message"
    r"|original message headers?:?\s*$|headers? of the original message|"
    r"the original message (?:follows|is attached)|received: (?:from|by) |return-path: ?<)",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]\"',;:=]{1,64}@[A-Za-z0-9.-]{1,190}\.?[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Form:
    """A known way of writing. ``delayed``: words that make it a warning, not an end."""

    name: str
    sign: re.Pattern[str]
    delayed: re.Pattern[str] | None = None


def _form(name: str, sign: str, delayed: str = "") -> Form:
    flags = re.IGNORECASE | re.MULTILINE
    return Form(name, re.compile(sign, flags), re.compile(delayed, flags) if delayed else None)


_STILL_TRIED: Final = (
    r"this is (?:only )?a warning|you do not need to resend|will (?:continue|keep|be) (?:to )?"
    r"(?:be )?tr(?:y|ied|ying)|has not (?:yet )?been delivered|delivery (?:\S+ ){0,4}delayed|"
    r"will be retried|temporary problem delivering|no action is required on your part|"
    r"(?:still|keep) (?:trying|be trying)|transient non-fatal errors"
)
FORMS: Final = (
    _form("qmail", r"^hi\. (?:this is|i'm) the (?:qmail-send program|deliver program)|"
          r"this is the qmail-send program|i wasn't able to deliver your message"),
    _form("exim", r"^this message was created automatically by mail delivery software",
          _STILL_TRIED),
    _form("postfix", r"^this is the (?:postfix|mail system) (?:program )?at host |"
          r"^this is the mail system at host", _STILL_TRIED),
    _form("sendmail", r"-{3,} the following addresses had (?:permanent fatal|transient non-fatal|"
          r"delivery) (?:errors|problems)|-{3,} transcript of session follows", _STILL_TRIED),
    _form("domino", r"^\s*was not delivered to:|not listed in (?:domino|public name)|"
          r"delivery failure report"),
    _form("opensmtpd", r"^an error has occurred while attempting to deliver a message|"
          r"^hi! (?:.{1,80} )?this is the mailer-daemon"),
    _form("gmail", r"^delivery to the following recipient(?:s)? (?:failed permanently|has been "
          r"delayed)|technical details of (?:permanent|temporary) failure|^[* ]*address not found|"
          r"^your message wasn['’]t delivered to |^[* ]*message blocked|^[* ]*recipient inbox full|"
          r"^[* ]*message not delivered|^[* ]*delivery incomplete",
          r"has been delayed|delivery incomplete|gmail will retry|temporary problem"),
    _form("microsoft", r"^your message (?:to .{1,200} )?(?:couldn['’]t be delivered|did not reach "
          r"(?:some or all of )?the intended recipient|wasn['’]t delivered)|^delivery has failed "
          r"to these recipients|^did not reach the following "
          r"recipient|^the following recipient\(s\) (?:cannot|could not) be reached|"
          r"^diagnostic information for administrators",
          r"delivery (?:to these recipients|is|has been) (?:\S+ ){0,3}delayed|still be trying|"
          r"message hasn['’]t been delivered yet|" + _STILL_TRIED),
    _form("yahoo", r"^sorry, we were unable to deliver your message to the following address|"
          r"^message from +yahoo\S*\.com|unable to deliver message to the following address"),
    _form("ses", r"an error occurred while trying to deliver the mail to the following recipients"),
    _form("aol", r"^your mail to the following recipients could not be delivered because"),
    _form("generic", r"(?:message|mail|e-?mail) (?:\S+ ){0,6}(?:could not|couldn['’]t|cannot|can't|"
          r"was not|wasn['’]t|not) be(?:en)? delivered|undeliver(?:able|ed)|delivery (?:\S+ ){0,4}"
          r"(?:failed|failure)|returned mail|mail delivery (?:failed|error)|"
          r"failure notice|(?:mail|delivery) failed|status notification|did not reach|"
          r"unzustellbar|non remis|no se pudo entregar", _STILL_TRIED),
)  # fmt: skip
_FROM_A_SYSTEM: Final = re.compile(
    r"mailer-?daemon|postmaster|mail delivery (?:sub)?system|^<>$|microsoftexchange|noreply-?dmarc|"
    r"mail\.?delivery|bounce", re.IGNORECASE
)  # fmt: skip
_AWAY_SUBJECT: Final = re.compile(
    r"^\s*(?:auto(?:matic|mated)?[ -]?(?:reply|response|antwort)|out of (?:the )?office|"
    r"automatische antwort|abwesenheit|abwesend|réponse automatique|absence|respuesta automática|"
    r"resposta automática|vacation|on (?:holiday|leave|vacation))", re.IGNORECASE
)  # fmt: skip
_AWAY_HEADERS: Final = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply",
    "x-vacation", "x-autogenerated",
)  # fmt: skip
_CHALLENGE: Final = re.compile(
    r"(?:please )?(?:confirm|verify) (?:\S+ ){0,6}(?:your (?:message|e-?mail|address|identity)|"
    r"you are (?:\S+ )?(?:human|person)|that you sent)|click (?:\S+ ){0,8}to (?:deliver|release|"
    r"confirm|verify)|sender (?:verification|confirmation)|spam ?arrest|boxbe|"
    r"challenge[ -]response|whitelist (?:yourself|your address)|prove (?:that )?you are (?:a )?"
    r"human",
    re.IGNORECASE,
)  # fmt: skip


def read(message: Part) -> tuple[str, tuple[Fate, ...]]:
    """The form it is written in and the one fate it tells; OTHER for what is no report."""
    text = _words(message)
    form = _form_of(message, text)
    if form is not None:
        return form.name, (_judged(form, message, text),)
    if _is_away(message):
        return "auto_reply", (Fate(Kind.AUTO_REPLY),)
    if _CHALLENGE.search(message.get("subject")[:500]) or _CHALLENGE.search(text):
        return "challenge", (Fate(Kind.CHALLENGE),)
    return "unknown", (Fate(Kind.OTHER),)


def _words(message: Part) -> str:
    """What is said, without the copy of our own mail below it."""
    for part in message.walk():
        if part.media_type in ("text/plain", "text/html") and not part.children:
            text = "\n".join(line.strip() for line in part.text().split("\n"))
            cut = _QUOTED.search(text)
            said = text[: cut.start()] if cut else text
            if said.strip():
                return said[:_MOST]
    return ""


def _form_of(message: Part, text: str) -> Form | None:
    named = [form for form in FORMS[:-1] if form.sign.search(text)]
    subject = message.get("subject")[:500]
    if named:
        # A colleague who quotes a bounce is no bounce, and says so by an answer's subject.
        is_answer = re.match(r"\s*(?:re|aw|fwd?|wg|sv)\s*:", subject, re.IGNORECASE)
        return None if is_answer and not _is_of_a_system(message) else named[0]
    generic = FORMS[-1]
    if not _is_of_a_system(message) or _AWAY_SUBJECT.search(subject):
        return None
    # A number like 5.1.1 alone is a reason only where a mail system says it.
    is_daemon = _FROM_A_SYSTEM.search(message.get("from")[:500])
    told = generic.sign.search(subject) or generic.sign.search(text)
    return generic if told or (is_daemon and judging.code_in(text)) else None


def _is_of_a_system(message: Part) -> bool:
    if message.get("return-path").strip() == "<>" and not _is_away(message):
        return True
    if message.get("x-failed-recipients"):
        return True
    return bool(_FROM_A_SYSTEM.search(message.get("from")[:500]))


def _judged(form: Form, message: Part, text: str) -> Fate:
    named = message.get("x-failed-recipients") or text
    found = _ADDRESS.search(named)
    address = found[0] if found else ""
    if form.delayed is not None and form.delayed.search(text):
        fate = judging.judge(text, "", address)
        return Fate(Kind.DELAYED, fate.code, fate.words, fate.address)
    return judging.judge(_reason(text), "", address)


def _reason(text: str) -> str:
    """From the first sign of a reason on: the words before it are the program's greeting."""
    lines = [line.strip(" \t>*") for line in text.split("\n")]
    kept = [line for line in lines if line and not _is_greeting(line)]
    return " ".join(kept)[:4000]


_GREETING: Final = re.compile(
    r"^(?:hi\. |this is (?:the|a permanent error)|i'm afraid|this message was created|i'm sorry|"
    r"a message that you|your message|sorry, we|for further assistance|if you do so|"
    r"the following (?:address|recipient)|delivery has failed|the mail system|be sent to|"
    r"recipients\. this|below\.|delete your own|please (?:do not|include|try)|"
    r"it's attached|no action)", re.IGNORECASE
)  # fmt: skip


def _is_greeting(line: str) -> bool:
    """What every report of a form says alike. Kept where a reason stands in the same line."""
    return bool(_GREETING.match(line)) and not (
        judging.code_in(line) or judging.judge(line).kind is Kind.HARD
    )


def _is_away(message: Part) -> bool:
    subject = message.get("subject")[:500]
    submitted = message.get("auto-submitted").strip().lower()
    if submitted.startswith("auto-replied") and not _FROM_A_SYSTEM.search(
        message.get("from")[:500]
    ):
        return True
    if any(message.get(name) for name in _AWAY_HEADERS):
        return True
    if message.get("precedence").strip().lower() in ("auto_reply", "auto-reply"):
        return True
    return bool(_AWAY_SUBJECT.search(subject))
