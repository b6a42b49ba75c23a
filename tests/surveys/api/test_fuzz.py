"""Whatever is posted, the answer is never a 5xx, and a refusal is a problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from surveys.services.intake_shapes import AgentIn, CaseIn, CustomerIn
from tests.surveys.api.conftest import Api

# Texts of every kind: NUL, surrogates, right-to-left marks, very long ones.
TEXTS = st.one_of(
    st.text(st.characters(), max_size=20),
    st.sampled_from((
        "resolved", "reopened", "open", "a@example.com", "2026-11-01T00:00:00Z", "Europe/Berlin",
        "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
        "2026-11-01T00:00:60Z", "\x00", "\ud800", "\u202e", "=1+1", "x" * 600, "'; DROP TABLE--",
    )),
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def _objects(struct: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = [name for name in struct.__struct_fields__ if name not in fields]
    optional = dict.fromkeys(names, JSON) | fields
    return st.fixed_dictionaries({}, optional=optional)


CASES = _objects(
    CaseIn,
    external_id=st.one_of(st.sampled_from(("1", "2")), SCALARS),
    status=st.one_of(st.sampled_from(("resolved", "reopened", "open")), SCALARS),
    resolved_at=st.one_of(st.just("2026-11-01T00:00:00Z"), SCALARS),
    customer=st.one_of(_objects(CustomerIn), JSON),
    agents=st.one_of(st.lists(_objects(AgentIn), max_size=3), JSON),
)
BODIES = st.one_of(CASES, st.fixed_dictionaries({"cases": st.lists(CASES, max_size=4)}), JSON)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=BODIES)
@example(body={"external_id": "1", "status": "resolved", "resolved_at": "2026-11-01T00:00:00Z"})
def test_post_of_anything_is_never_a_5xx(api: Callable[..., Api], body: Any) -> None:
    answer = api("cases:write").post("/api/v1/cases/", body)
    assert answer.status_code in (200, 201, 400)
    kind = "application/problem+json" if answer.status_code == 400 else "application/json"
    assert answer["Content-Type"] == kind


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=st.binary(max_size=200))
def test_post_of_any_bytes_is_never_a_5xx(api: Callable[..., Api], raw: bytes) -> None:
    assert api("cases:write").post("/api/v1/cases/", raw).status_code == 400


@pytest.mark.parametrize("path", ["%00/%00", "a/%ed%a0%80", "a/" + "x" * 3000, "%ff/1", "a//b"])
def test_get_of_any_address_is_never_a_5xx(api: Callable[..., Api], path: str) -> None:
    assert api("cases:read").get(f"/api/v1/cases/{path}/").status_code == 404
