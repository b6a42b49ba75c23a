"""Defects of webhooks: what helpdesks tell us, and what we tell others."""

from __future__ import annotations

from typing import Final

from tests.defects.kinds import Defect, Edit, defect

_SIGNING: Final = "surveys/helpdesks/signing.py"
_HOOKS: Final = "surveys/api/hooks.py"
_DOOR: Final = "surveys/services/hook_door.py"
_WORK: Final = "surveys/services/hook_work.py"
_ADDRESSES: Final = "surveys/services/outgoing/addresses.py"
_POSTING: Final = "surveys/services/outgoing/posting.py"
_QUEUE: Final = "surveys/services/outgoing/queue.py"
_OWN_SIGNING: Final = "surveys/services/outgoing/signing.py"
_TEST_HELPDESKS: Final = "tests/surveys/helpdesks"
_TEST_HOOKS: Final = "tests/surveys/api/test_hooks.py"
_TEST_WORK: Final = "tests/surveys/services/test_hook_work.py"
_TEST_OUTGOING: Final = "tests/surveys/services/outgoing"

WEBHOOKS: Final[tuple[Defect, ...]] = (
    defect(
        "forged-webhook-is-taken",
        "Anybody who knows the address has surveys sent to whom they like.",
        _SIGNING, "    if not any(agreed):\n", "    if False:\n",
        _TEST_HELPDESKS, _TEST_HOOKS,
    ),
    defect(
        "empty-secret-proves",
        "A connection whose secret was lost takes every call.",
        _SIGNING, " for secret in wiring.secrets if secret]\n", " for secret in wiring.secrets]\n",
        _TEST_HELPDESKS, _TEST_HOOKS,
    ),
    defect(
        "overheard-webhook-works-for-ever",
        "Whoever overheard a call can send it again a year later.",
        _SIGNING, "    if seconds > WINDOW_SECONDS:\n", "    if False:\n",
        _TEST_HELPDESKS, _TEST_HOOKS,
    ),
    defect(
        "webhook-of-the-future",
        "A stamp of next year makes an overheard call good until then.",
        _SIGNING, "    if seconds < -WINDOW_SECONDS:\n", "    if False:\n",
        _TEST_HELPDESKS, _TEST_HOOKS,
    ),
    Defect(
        "endless-webhook-is-read",
        "One call without end fills the memory of a web process.",
        (
            Edit(
                _HOOKS,
                "    if length.isdigit() and int(length[:20]) > LARGEST:\n", "    if False:\n",
            ),
            Edit(
                _HOOKS,
                "    body = request.read(LARGEST + 1)\n    if len(body) > LARGEST:\n",
                "    body = request.read()\n    if False:\n",
            ),
        ),
        (_TEST_HOOKS,),
    ),
    defect(
        "repeated-webhook-is-another-event",
        "A call that the helpdesk repeats is worked off once more.",
        _DOOR, '    again = _AGAIN if batch.is_replay else "DO NOTHING"\n', "    again = _AGAIN\n",
        _TEST_HOOKS, _TEST_WORK,
    ),
    defect(
        "poison-event-is-tried-for-ever",
        "An event that cannot be taken is never shown to anybody.",
        _WORK, "        if event.attempts >= MOST_ATTEMPTS:\n", "        if False:\n",
        _TEST_WORK,
    ),
    defect(
        "webhooks-reach-the-inside",
        "An address that somebody enters has us ask the machines behind our own firewall.",
        _ADDRESSES,
        "        return not any(found in network for network in _NOT_PUBLIC_4)\n",
        "        return True\n",
        _TEST_OUTGOING,
    ),
    defect(
        "name-that-changes-its-mind",
        "A name is judged at one address and connected to at another.",
        _POSTING, "            (self._address, self._target.port), ",
        "            (self._target.host, self._target.port), ",
        _TEST_OUTGOING,
    ),
    defect(
        "failed-event-is-not-repeated",
        "Whatever a receiver could not take at once is lost to it.",
        _QUEUE,
        "    pause = None if answer.is_taken or is_gone else pause_after(claimed.n_attempts)\n",
        "    pause = None\n",
        _TEST_OUTGOING,
    ),
    defect(
        "overtaken-worker-has-the-last-word",
        "A worker taken for dead marks as failed what another one delivered.",
        _QUEUE, "   WHERE d.id = %(id)s AND d.lease = %(lease)s::uuid\n",
        "   WHERE d.id = %(id)s\n",
        _TEST_OUTGOING,
    ),
    defect(
        "former-secret-ends-at-once",
        "Receivers refuse every event between a rotation and their own change.",
        _OWN_SIGNING, "        and endpoint.former_until > now\n",
        "        and endpoint.former_until <= now\n",
        _TEST_OUTGOING,
    ),
    defect(
        "body-is-not-signed",
        "A body changed on its way still has the right signature.",
        _OWN_SIGNING, '    mac = hmac.digest(key, f"{name}.{moment}.".encode() + body, "sha256")\n',
        '    mac = hmac.digest(key, f"{name}.{moment}.".encode(), "sha256")\n',
        _TEST_OUTGOING,
    ),
)  # fmt: skip
