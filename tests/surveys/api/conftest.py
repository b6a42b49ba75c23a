"""A client of the API with a key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from surveys.api.limits import BUCKETS
from surveys.models import ApiKey
from surveys.services import keys
from surveys.services.publishing import ensure_defaults


class Api:
    """Speaks JSON under one key."""

    def __init__(self, *scopes: str) -> None:
        self.key: ApiKey | None = None
        self.secret = ""
        if scopes:
            self.key, self.secret = keys.create("A test", scopes)
        headers = {"Authorization": f"Bearer {self.secret}"} if scopes else {}
        self._client = Client(headers=headers, raise_request_exception=False)

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(path, query)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._client.post(
            path, data=sent, content_type="application/json", headers=headers or None
        )

    def patch(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        return self._client.patch(
            path, data=json.dumps(body), content_type="application/json", headers=headers
        )

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self._client.put(
            path,
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            content_type="application/json",
            headers=headers or None,
        )

    def delete(self, path: str) -> Any:
        return self._client.delete(path)


@pytest.fixture
def api(db: None) -> Callable[..., Api]:
    """Makes clients: `api("cases:write")`; without a scope, one without a key."""
    ensure_defaults()
    BUCKETS.forget()
    return Api
