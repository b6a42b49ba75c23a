"""What all of the API shares: keys, refusal, limits, schema, reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from surveys.api.base import ApiView, Nobody
from surveys.api.described import AGENT_IN, CASE_IN, CUSTOMER_IN
from surveys.api.described_policies import COMPONENTS
from surveys.api.limits import Buckets
from surveys.api.permissions import HasScope
from surveys.services import keys
from surveys.services.intake_shapes import AgentIn, CaseIn, CustomerIn
from surveys.services.policies import PolicyPatch
from tests.surveys.api.conftest import Api

MakeApi = Callable[..., Api]


def test_a_revoked_key_opens_nothing(api: MakeApi) -> None:
    client = api("cases:read")
    assert client.get("/api/v1/cases/").status_code == 200
    assert client.key is not None
    keys.revoke(client.key)
    answer = client.get("/api/v1/cases/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


@pytest.mark.parametrize("address", ["/api/", "/api/v1/nothing/", "/api/v1/nothing"])
def test_an_address_that_leads_nowhere_is_a_problem(api: MakeApi, address: str) -> None:
    for answer in (api().get(address), api("admin").post(address, {})):
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_post_without_the_last_slash_keeps_its_body(api: MakeApi) -> None:
    answer = api("admin").post("/api/v1/cases?x=1", {"external_id": "1"})
    assert (answer.status_code, answer["Location"]) == (308, "/api/v1/cases/?x=1")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Bearer sd_" + "a" * 40, "Basic YTpi", "Bearer \u00e9"]
)
def test_an_unknown_key_is_401(db: None, header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/api/v1/cases/")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_a_view_without_a_permission_is_open_to_nobody() -> None:
    assert ApiView.permission_classes == [Nobody]
    with pytest.raises(ValueError, match="no such scope: reports:raed"):
        HasScope("reports:raed")


def _views(patterns: list[Any], path: str = "") -> list[tuple[str, Any]]:
    found = []
    for pattern in patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _views(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            found.append((here, getattr(pattern.callback, "view_class", None)))
    return found


def test_every_view_below_v1_names_a_scope() -> None:
    views = [
        view for path, view in _views(get_resolver().url_patterns) if path.startswith("api/v1")
    ]
    assert len(views) >= 3
    for view in views:
        assert issubclass(view, ApiView)
        assert [p.__name__ for p in view.permission_classes] == ["ScopePermission"]


def test_a_flood_is_429_and_others_are_served(api: MakeApi, settings: Settings) -> None:
    settings.API_REQUESTS_PER_SECOND, settings.API_BURST = 0.01, 3
    flood, other = api("cases:read"), api("cases:read")
    codes = [flood.get("/api/v1/cases/").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    assert int(flood.get("/api/v1/cases/")["Retry-After"]) > 1
    assert other.get("/api/v1/cases/").status_code == 200


def test_buckets_refill_and_forget_the_longest_unseen() -> None:
    buckets = Buckets()
    waits = [buckets.wait("a", rate=2, burst=1, now=now) for now in (0.0, 0.0, 0.5)]
    assert waits == [0.0, 0.5, 0.0]


def test_schema_is_openapi_31_with_every_reference_resolved(db: None) -> None:
    answer = Client().get("/api/schema/", {"format": "json"})
    schema = answer.json()
    assert (answer.status_code, schema["openapi"]) == (200, "3.1.0")
    assert {"/api/v1/cases/", "/api/v1/cases/{source}/{external_id}/"} <= set(schema["paths"])
    names = set(schema["components"]["schemas"])
    assert "Questionnaire" in names
    assert {ref.rpartition("/")[2] for ref in _references(schema)} <= names
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path} has no summary"


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [ref for value in part.values() for ref in _references(value)]
    if isinstance(part, list):
        return [ref for value in part for ref in _references(value)]
    return []


def test_schema_describes_exactly_what_is_read() -> None:
    described = (
        (CASE_IN, CaseIn),
        (AGENT_IN, AgentIn),
        (CUSTOMER_IN, CustomerIn),
        (COMPONENTS["PolicyPatch"], PolicyPatch),
    )
    for schema, struct in described:
        assert set(schema["properties"]) == set(struct.__struct_fields__)


def test_docs_show_every_operation_with_a_curl_line_and_no_script(db: None) -> None:
    answer = Client().get("/api/docs/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<script" not in text
    assert "style=" not in text
    for operation in ("take_cases", "list_cases", "read_case", "read_policy", "change_policy"):
        assert f'id="{operation}"' in text
    assert text.count("curl -H") >= 5
