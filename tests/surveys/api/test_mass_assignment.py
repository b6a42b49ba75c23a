"""No request sets a field that its operation did not offer."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import pytest
from django.test import Client

from tests.surveys.api.conftest import Api

#: What rows have and no caller may set.
OURS: Final = ("id", "is_superuser", "is_sample", "created_by")


@cache
def operations() -> list[tuple[str, str]]:
    """Every operation of the schema that takes JSON, where its address needs no object."""
    schema = json.loads(
        Client().get("/api/schema/", headers={"accept": "application/json"}).content
    )
    return [
        (method, path)
        for path, operation in schema["paths"].items()
        for method, told in operation.items()
        if method in ("post", "put", "patch")
        and "application/json" in told.get("requestBody", {}).get("content", {})
        and "{" not in path
    ]


@pytest.mark.django_db
def test_fields_that_only_we_may_set_are_refused_by_name(api: Callable[..., Api]) -> None:
    client = api("admin", "cases:write", "questionnaires:write")
    tried = [*operations(), ("patch", "/api/v1/policies/default/")]
    assert len(tried) > 5
    for method, path in tried:
        for name in OURS:
            answer: Any = getattr(client, method)(path, {name: 1})
            named = [fault["field"] for fault in answer.json().get("errors", [])]
            assert (answer.status_code, named[:1]) == (400, [name]), (method, path, answer.content)
