"""The OpenAPI 3.1 schema and the page that makes it readable without a script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from surveys.api import (
    described,
    described_access,
    described_agents,
    described_brands,
    described_cause_rules,
    described_causes,
    described_connections,
    described_deliveries,
    described_desk,
    described_dimensions,
    described_follow_ups,
    described_history,
    described_invitations,
    described_keeping,
    described_life,
    described_policies,
    described_questionnaires,
    described_staff,
    described_suppressions,
    described_translations,
    described_webhooks,
    problems,
)
from surveys.api.described_places import PLACES
from surveys.questionnaire import described as questionnaires

_PARTS: Final[tuple[Any, ...]] = (
    described,
    described_access,
    described_agents,
    described_brands,
    described_cause_rules,
    described_causes,
    described_connections,
    described_deliveries,
    described_desk,
    described_dimensions,
    described_follow_ups,
    described_history,
    described_invitations,
    described_keeping,
    described_life,
    described_policies,
    described_questionnaires,
    described_staff,
    described_suppressions,
    described_translations,
    described_webhooks,
)
_METHODS = ("get", "post", "patch", "put", "delete")


class Generator(SchemaGenerator):
    """Adds the components that the descriptions refer to."""

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        schema: dict[str, Any] = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        components = schema.setdefault("components", {})
        shapes = components.setdefault("schemas", {})
        for part in _PARTS:
            shapes.update(part.COMPONENTS)
        shapes.update(questionnaires.components())
        for path, item in schema["paths"].items():
            for method, operation in item.items():
                _complete(path, method, operation)
        return schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """What holds of every operation. An empty body is refused everywhere; whatever is read can be
    asked for only where it changed; every answer says what is left of the rate."""
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    places = PLACES.get(path.removeprefix("/api/v1/").partition("/")[0], {})
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path" or parameter["name"] in places:
            parameter["example"] = places[parameter["name"]]
    source = curl(method, settings.SITE_URL + path, operation)
    operation["x-codeSamples"] = [{"lang": "Shell", "label": "curl", "source": source}]
    if method == "get":
        operation.setdefault("parameters", []).append(described.IF_NONE_MATCH)
        words = "It is still as `If-None-Match` says."
        operation["responses"]["304"] = {"description": words}
    for status, answer in operation["responses"].items():
        names = ["RateLimit", "RateLimit-Policy"]
        if method == "get" and status in ("200", "304"):
            names.append("ETag")
        if status in ("429", "503"):
            names.append("Retry-After")
        answer["headers"] = {name: described.HEADERS[name] for name in names}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a key is sent."""

    target_class = "surveys.api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key made with `manage.py create_api_key NAME --scope SCOPE`.",
        }


class StaffScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a signed-in member of staff is known; for reading only."""

    target_class = "surveys.api.authentication.StaffReading"
    name = "staff"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class SchemaView(SpectacularAPIView):
    """`/api/schema/`; YAML, or JSON with `?format=json`. Public: it holds no data."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    generator_class = Generator

    def get_exception_handler(self) -> Any:
        return problems.handle


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """`/api/docs/`: every operation with its parameters, an example and a curl line.

    Rendered here and not by Swagger UI, which needs scripts and inline styles that our
    Content-Security-Policy refuses.
    """
    schema = Generator().get_schema(public=True)  # type: ignore[no-untyped-call]
    base = request.build_absolute_uri("/").rstrip("/")
    operations = [
        _operation(path, method, item[method], base)
        for path, item in sorted(schema["paths"].items())
        for method in _METHODS
        if method in item
    ]
    components = [
        {"name": name, "fields": _fields(component)}
        for name, component in sorted(schema["components"]["schemas"].items())
        if component.get("properties")
    ]
    context = {"info": schema["info"], "operations": operations, "components": components}
    return render(request, "api/docs.html", context)


@require_safe
def changelog(request: HttpRequest) -> HttpResponse:
    """`/api/changelog/`: what changed for those who use the API, newest first."""
    text = Path(settings.BASE_DIR, "docs", "api-changelog.md").read_text(encoding="utf-8")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _operation(path: str, method: str, operation: dict[str, Any], base: str) -> dict[str, Any]:
    example = _request_example(operation)
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", operation["operationId"]),
        "description": _words(operation.get("description", "")),
        "parameters": [
            parameter | {"description": _words(parameter.get("description", ""))}
            for parameter in operation.get("parameters", [])
        ],
        "example": json.dumps(example, indent=2, ensure_ascii=False) if example else "",
        "curl": curl(method, base + path, operation),
        "answers": [
            {"status": status, "description": _words(_said(answer))}
            for status, answer in sorted(operation.get("responses", {}).items())
        ],
    }


def _words(text: str) -> SafeString:
    """A description as HTML, escaped: what stands between backticks is code."""
    parts = text.split("`")
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", p) if n % 2 else p,) for n, p in enumerate(parts)),
    )


def _said(answer: dict[str, Any]) -> str:
    for content in answer.get("content", {}).values():
        if "description" in content.get("schema", {}):
            return str(content["schema"]["description"])
    return str(answer.get("description", ""))


def _request_example(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    for example in content.get("examples", {}).values():
        return example.get("value")
    return None


def curl(method: str, address: str, operation: dict[str, Any]) -> str:
    """The operation as a line for a shell, where only KEY is to be replaced."""
    query = {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            value = quote(str(parameter["example"]))
            address = address.replace(f"{{{parameter['name']}}}", value)
        elif parameter["in"] == "query" and "example" in parameter:
            query[parameter["name"]] = parameter["example"]
    if query:
        address += f"?{urlencode(query)}"
    parts = ["curl", "-H 'Authorization: Bearer KEY'"]
    if method != "get":
        parts.append(f"-X {method.upper()}")
    example = _request_example(operation)
    if example is not None:
        sent = json.dumps(example, ensure_ascii=False).replace("'", "'\\''")
        parts += ["-H 'Content-Type: application/json'", f"-d '{sent}'"]
    return " ".join([*parts, f"'{address}'"])


def _fields(component: dict[str, Any]) -> list[dict[str, Any]]:
    required = component.get("required", [])
    return [
        {
            "name": name,
            "type": _type_of(schema),
            "required": name in required,
            "description": _words(schema.get("description", "")),
        }
        for name, schema in component["properties"].items()
    ]


def _type_of(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return " or ".join(_type_of(option) for option in schema[several])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    kinds = schema.get("type", "any")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
