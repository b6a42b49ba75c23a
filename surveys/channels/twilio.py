"""Twilio's Messages API: the HTTP adapter of the gateway interface.

A message is one POST of a form with basic authentication; a small body leaves with its head, so
that a call which connected and got no answer is unknown. WhatsApp is the same with a prefix.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Mapping
from typing import Final

import requests

from surveys.channels.base import (
    Interrupted,
    NotAccepted,
    OutcomeUnknown,
    Receipt,
    Refused,
    Unreachable,
)
from surveys.channels.calls import BUSY, FROM_A_PROXY, NO_CREDENTIALS, never_left
from surveys.channels.gateway import Call, Gateway, News, Outgoing

_API: Final = "https://api.twilio.com"
_TIMEOUT: Final = (5.0, 20.0)
# A connection kept longer may have been closed by the other side, which looks like a loss.
_KEPT_SECONDS: Final = 5.0
_WHATSAPP: Final = "whatsapp:"
#: Asks to be told again what we could not take; no part of what is signed.
_AGAIN: Final = "#rc=5&rp=5xx,ct,rt"

# Numbers that no message can ever reach, that we may not write to, and mistakes of ours.
_BAD_NUMBER: Final = {21211, 21217, 21614, 63024}
_STOPPED: Final = 21610
_ABOUT_US: Final = {20003, 20404, 21212, 21603, 21606, 21659, 21660, 63007}
_HARD: Final = {30005, 30006, 63024} | _BAD_NUMBER
_POLICY: Final = {30004, 30007, 30034, 63013, 63016, 63018}
_STOP_WORDS: Final = frozenset(
    {"STOP", "STOPALL", "STOPP", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT",
     "ARRET", "ARRÊT", "BAJA", "PARAR"}
)  # fmt: skip


class TwilioRefused(Refused):
    """Twilio's definite no."""

    def __init__(self, words: str, code: int, status: int) -> None:
        super().__init__(words)
        self.is_about_us = code in _ABOUT_US
        self.permanent = not (self.is_about_us or status in BUSY or status >= 500)
        self.ends_session = status in BUSY
        self.bad_address = code in _BAD_NUMBER
        self.unsubscribed = code == _STOPPED


class Twilio(Gateway):
    """Calls over one kept connection."""

    _client: requests.Session | None = None
    _used_at = 0.0

    def send(self, outgoing: Outgoing) -> Receipt:
        try:
            answer = self._session().post(
                f"{self._base()}/Messages.json",
                data=self._form(outgoing),
                timeout=(5.0, self.seconds) if self.seconds else _TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self.close()
            raise _broken(error) from _cause(error)
        except ValueError as error:  # an address or header that cannot be written
            raise Interrupted(f"the call cannot be made: {error}") from error
        return self._receipt(answer)

    def check(self) -> str:
        try:
            answer = self._session().get(f"{self._base()}.json", timeout=5, allow_redirects=False)
        except requests.RequestException as error:
            raise Unreachable(f"the gateway cannot be reached: {type(error).__name__}") from error
        finally:
            self.close()
        if answer.status_code != 200:
            raise Unreachable(_told(answer)[1])
        return f"by Twilio, from {self.account.sender}"

    def heard(self, call: Call) -> News | None:
        given = call.headers.get("X-Twilio-Signature", "")
        # Both are tried in any case: how long it takes says nothing.
        right = [
            hmac.compare_digest(signature(self.account.password, url, call.form), given)
            for url in (call.url, call.url + _AGAIN)
            if given.isascii()
        ]
        return _news(call) if any(right) else None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _session(self) -> requests.Session:
        if time.monotonic() - self._used_at > _KEPT_SECONDS:
            self.close()
        self._used_at = time.monotonic()
        if self._client is None:
            self._client = requests.Session()
            self._client.auth = (self.account.user, self.account.password)
        return self._client

    def _base(self) -> str:
        url = (self.account.api_url or _API).rstrip("/")
        return f"{url}/2010-04-01/Accounts/{self.account.user}"

    def _form(self, outgoing: Outgoing) -> dict[str, str]:
        account = self.account
        prefix = _WHATSAPP if account.variable == "WHATSAPP_URL" else ""
        form = {"To": f"{prefix}{outgoing.number}"}
        if account.sender.startswith("MG"):
            form["MessagingServiceSid"] = account.sender
        else:
            form["From"] = f"{prefix}{account.sender}"
        if account.template:
            words = outgoing.words
            form["ContentSid"] = account.template
            form["ContentVariables"] = json.dumps({"1": words.company, "2": words.link})
        else:
            form["Body"] = outgoing.words.body
        if outgoing.tell:
            form["StatusCallback"] = outgoing.tell + _AGAIN
        return form

    def _receipt(self, answer: requests.Response) -> Receipt:
        status = answer.status_code
        code, words = _told(answer)
        if status in NO_CREDENTIALS or (status >= 400 and code == 20003):
            raise Unreachable(f"{words}; check the account and token in {self.account.variable}")
        if status < 400:
            name = _json(answer).get("sid")
            if status in {200, 201} and isinstance(name, str) and name:
                return Receipt(f"taken by the gateway ({name})", name)
            raise OutcomeUnknown(words)
        if status in FROM_A_PROXY:
            raise OutcomeUnknown(words)
        raise TwilioRefused(words, code, status)


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """How Twilio signs a call: the address, then every field with its value, sorted by name."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    mac = hmac.digest(token.encode(), text.encode("utf-8", "surrogatepass"), "sha1")
    return base64.b64encode(mac).decode()


def _news(call: Call) -> News:
    form, mark = call.form, call.query.get("mark", "")
    number = form.get("From", "").removeprefix(_WHATSAPP)
    if not mark and ("OptOutType" in form or "Body" in form):
        wants_no_more = form.get("OptOutType", "").upper() == "STOP" or _is_stop(form.get("Body"))
        return News("stop" if wants_no_more else "", number=number)
    code = int(text) if (text := form.get("ErrorCode", "")).isdecimal() and len(text) < 9 else 0
    words = f"{code} {form.get('ErrorMessage', '')}".strip() if code else ""
    status = form.get("MessageStatus", "")
    if status in {"delivered", "read"}:
        return News("delivered", mark)
    if status not in {"undelivered", "failed"}:
        return News("", mark)
    if code == _STOPPED:
        number = form.get("To", "").removeprefix(_WHATSAPP)
        return News("stop", mark, number=number, words=words)
    kind = "hard" if code in _HARD else "policy" if code in _POLICY else "soft"
    return News(kind, mark, words=words)  # type: ignore[arg-type]


def _is_stop(body: str | None) -> bool:
    return (body or "").strip().strip(".!\"'«»“”").upper() in _STOP_WORDS


def _json(answer: requests.Response) -> dict[str, object]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _told(answer: requests.Response) -> tuple[int, str]:
    """The gateway's own number of a fault, and its words."""
    told = _json(answer)
    code = told.get("code")
    said = " ".join(str(told.get("message") or answer.text).split())[:200]
    number = code if isinstance(code, int) else 0
    return number, f"the gateway answered {answer.status_code} {number or ''} {said}"


def _broken(error: requests.RequestException) -> NotAccepted:
    if never_left(error):
        return Unreachable("the gateway cannot be reached")
    return OutcomeUnknown("the connection was lost after the message was sent to the gateway")


def _cause(error: requests.RequestException) -> BaseException:
    """A time-out as such: dispatch then takes the gateway for hanging and ends the round."""
    return TimeoutError("no answer in time") if isinstance(error, requests.Timeout) else error
