"""What every request meets first."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.middleware import (
    address_behind_proxy,
    body_read_to_its_end,
    broken,
    refused,
    unavailable_database,
)


def refuse(request: HttpRequest) -> HttpResponse:
    raise AssertionError("not reached")


@pytest.mark.parametrize("path", ["/api/v1/cases/", "/hooks/x/"])
def test_program_gets_a_problem_document_while_the_database_is_away(
    rf: RequestFactory, path: str
) -> None:
    answer = unavailable_database(refuse).process_exception(rf.get(path), OperationalError("away"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 503


def test_what_nobody_foresaw_is_a_problem_document_to_a_program(rf: RequestFactory) -> None:
    answer, page = broken(rf.get("/api/v1/cases/")), broken(rf.get("/cases/"))
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert (page.status_code, page["Content-Type"]) == (500, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/api/v1/cases/", "/api/nowhere/", "/hooks/x/"])
def test_program_that_calls_by_an_unknown_host_is_told_the_mend(client: Client, path: str) -> None:
    answer = client.post(path, {}, headers={"host": "elsewhere.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad request",
        "status": 400,
        "detail": "This host name is not served here. Add it to ALLOWED_HOSTS, or use one that is.",
    }


def test_person_who_calls_by_an_unknown_host_gets_a_page(client: Client) -> None:
    answer = client.get("/cases/", headers={"host": "elsewhere.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_other_suspicion_tells_a_program_no_details(rf: RequestFactory) -> None:
    answer = refused(rf.post("/api/v1/cases/"), SuspiciousOperation("secret"))
    assert json.loads(answer.content)["detail"] == "The request is not well formed."


def test_other_failures_are_not_taken_for_the_database(rf: RequestFactory) -> None:
    assert unavailable_database(refuse).process_exception(rf.get("/"), ValueError("x")) is None


@pytest.mark.parametrize(("trusted", "expected"), [(True, "10.0.0.9"), (False, "127.0.0.1")])
def test_client_is_whom_the_proxy_names_where_it_is_trusted(
    rf: RequestFactory, settings: Settings, trusted: bool, expected: str
) -> None:
    settings.BEHIND_PROXY = trusted
    seen: list[str] = []

    def note(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    address_behind_proxy(note)(rf.get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.0.0.9"))
    assert seen == [expected]


@pytest.mark.parametrize(("status", "left"), [(413, 0), (200, 300_000)])
def test_refused_body_is_read_to_its_end_so_that_the_client_hears_why(
    rf: RequestFactory, status: int, left: int
) -> None:
    request = rf.post("/", b"x" * 300_000, content_type="text/plain")
    body_read_to_its_end(lambda _: HttpResponse(status=status))(request)
    assert len(request.read()) == left
