"""Answers given once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from surveys.models import IdempotentReply, Team
from surveys.services import idempotency
from surveys.services.idempotency import InProgressError, OtherRequestError, Reply
from tests.factories import ApiKeyFactory
from tests.surveys.services.told import NOW
from tests.threads import PATIENCE, at_once

HASH = idempotency.fingerprint("POST", "/x", b"{}")


def _effect(name: str) -> Callable[[], Reply]:
    def effect() -> Reply:
        Team.objects.create(name=name)
        return Reply(201, f'{{"made": "{name}"}}')

    return effect


@pytest.mark.django_db
def test_once_runs_the_effect_once_a_day() -> None:
    key = ApiKeyFactory()
    first = idempotency.once(key, "k", HASH, NOW, _effect("a"))
    again = idempotency.once(key, "k", HASH, NOW + timedelta(hours=23), _effect("b"))
    assert (again, list(Team.objects.values_list("name", flat=True))) == (first, ["a"])
    late = idempotency.once(key, "k", HASH, NOW + timedelta(hours=25), _effect("c"))
    assert late.body == '{"made": "c"}'


@pytest.mark.django_db
def test_once_refuses_another_request_under_the_key() -> None:
    key = ApiKeyFactory()
    idempotency.once(key, "k", HASH, NOW, _effect("a"))
    other = idempotency.fingerprint("POST", "/x", b"{ }")
    with pytest.raises(OtherRequestError):
        idempotency.once(key, "k", other, NOW, _effect("b"))


@pytest.mark.django_db
def test_once_keeps_nothing_of_an_effect_that_failed() -> None:
    def failing() -> Reply:
        Team.objects.create(name="half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        idempotency.once(ApiKeyFactory(), "k", HASH, NOW, failing)
    assert (Team.objects.count(), IdempotentReply.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_once_says_when_the_first_is_still_being_worked_on() -> None:
    key, working, go_on = ApiKeyFactory(), Event(), Event()

    def slow() -> Reply:
        working.set()
        assert go_on.wait(PATIENCE)
        return Reply(200, "{}")

    def second() -> Any:
        assert working.wait(PATIENCE)
        try:
            return idempotency.once(key, "k", HASH, NOW, _effect("b"))
        except InProgressError:
            return "in progress"
        finally:
            go_on.set()

    first, other = at_once(lambda: idempotency.once(key, "k", HASH, NOW, slow), second)
    assert (first, other) == (Reply(200, "{}"), "in progress")


@pytest.mark.django_db
def test_forget_old_deletes_what_is_past_its_time() -> None:
    key = ApiKeyFactory()
    idempotency.once(key, "old", HASH, NOW - timedelta(hours=24), _effect("a"))
    idempotency.once(key, "new", HASH, NOW, _effect("b"))
    assert idempotency.forget_old(NOW) == 1
    assert list(IdempotentReply.objects.values_list("key", flat=True)) == ["new"]
