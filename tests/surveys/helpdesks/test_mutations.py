"""Whatever a client sends ends in a refusal that says why, or in events: never in another error.

A few hundred broken bodies for each helpdesk, or as many as the variable MUTATIONS says
(`MUTATIONS=10000`, from SEED), each signed, so that it is read, and once unsigned.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import fields

import pytest

from surveys.helpdesks import ADAPTERS
from surveys.helpdesks.base import (
    IGNORED,
    REOPENED,
    RESOLVED,
    Agent,
    Call,
    HelpdeskEvent,
    NotAuthenticError,
    UnreadableError,
)
from tests.surveys.helpdesks.calls import NOW, WIRING, call, signed
from tests.surveys.helpdesks.composed import BODIES
from tests.surveys.helpdesks.mutating import mutated

N_MUTATIONS = int(os.environ.get("MUTATIONS", "300"))
SEED = os.environ.get("SEED", "helpdesks")


def _check(event: HelpdeskEvent) -> None:
    """What the hook stores as it is."""
    assert event.outcome in (RESOLVED, REOPENED, IGNORED)
    assert event.case or event.outcome == IGNORED
    texts = [getattr(event, f.name) for f in fields(HelpdeskEvent)]
    texts += [part for agent in event.agents for part in (agent.external_id, agent.name)]
    for told in (*texts, *event.tags):
        if isinstance(told, str):
            assert len(told) <= 500
            assert "\x00" not in told
            told.encode()  # no half characters
    for moment in (event.at, event.opened_at):
        assert moment is None or (moment.tzinfo is not None and 2000 <= moment.year <= 2101)
    assert Agent() not in event.agents


def _became(kind: str, made: Call) -> str:
    """What becomes of a call; anything but a refusal with a reason and an event is an error."""
    try:
        ADAPTERS[kind].verify(made, WIRING, NOW)
        events = ADAPTERS[kind].read(made, WIRING)
    except UnreadableError as error:
        reason = str(error)
    except NotAuthenticError:
        return "not authentic"
    else:
        assert events
        for event in events:
            _check(event)
        return events[0].outcome
    assert ": " in reason
    assert len(reason) < 500
    reason.encode()
    return "unreadable"


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_mutated_bodies_are_refused_with_a_reason_or_read(kind: str) -> None:
    rng = random.Random(f"{SEED} {kind}")
    became: Counter[str] = Counter()
    for _ in range(N_MUTATIONS):
        body, headers = rng.choice(BODIES[kind])
        body, odd = mutated(body, rng)
        made = signed(kind, body, headers | odd)
        ADAPTERS[kind].acknowledge(made)
        became[_became(kind, made)] += 1
        with pytest.raises(NotAuthenticError):
            ADAPTERS[kind].verify(call(kind, body, headers | odd), WIRING, NOW)
    print(kind, dict(became))  # noqa: T201 -- the figures of a long run
    # The faults are spread such that all ways are gone; only Salesforce's organisation, a part of
    # the body, makes a signed one forged.
    assert became["unreadable"] >= N_MUTATIONS // 10
    assert became[RESOLVED] >= N_MUTATIONS // 20
    assert kind == "salesforce" or not became["not authentic"]
