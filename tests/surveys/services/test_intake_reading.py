"""What is told of a case is read strictly; a fault names its field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from surveys.services.intake_reading import convert_case, read_case
from surveys.services.intake_shapes import CaseReport, Rejected
from surveys.services.intake_words import language_of, timezone_of
from tests.surveys.services.told import NOW, at, case


def _faults(**fields: Any) -> list[tuple[str, str]]:
    read = read_case(json.dumps(case(**fields)).encode(), NOW)
    assert isinstance(read, Rejected)
    return read.errors


def _report(**fields: Any) -> CaseReport:
    read = read_case(json.dumps(case(**fields)).encode(), NOW)
    assert isinstance(read, CaseReport)
    return read


def test_read_case_states_only_what_is_not_blank() -> None:
    report = _report(customer={"email": " ADA@Example.COM ", "name": ""}, team="", tags=[])
    assert report.content == {
        "resolved_at": at(5),
        "customer": {"email": "ada@example.com"},
        "agents": [{"external_id": "a1", "name": "Grace", "share": 1.0}],
        "product": "Prepaid",
        "cause": "plan-change",
        "channel": "phone",
        "subject": "No signal",
        "severity": "2",
        "tags": [],
    }


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"external_id": " "}, ["external_id"]),
        ({"external_id": "x" * 201}, ["external_id"]),
        ({"source": "a/b"}, ["source"]),
        ({"status": "solved"}, ["status"]),
        ({"resolved_at": None}, ["resolved_at"]),
        ({"resolved_at": "2026-11-20T10:00:00"}, ["resolved_at"]),
        ({"resolved_at": "2026-11-20"}, ["resolved_at"]),
        ({"resolved_at": "0000-01-01T00:00:00Z"}, ["resolved_at"]),
        ({"resolved_at": "0001-01-01T00:00:00+14:00"}, ["resolved_at"]),
        ({"resolved_at": "1999-12-31T23:59:59Z"}, ["resolved_at"]),
        ({"resolved_at": "9999-12-31T23:59:59-14:00"}, ["resolved_at"]),
        ({"resolved_at": "2026-11-23T00:00:00Z"}, ["resolved_at"]),
        ({"occurred_at": "2027-01-01T00:00:00Z"}, ["occurred_at"]),
        ({"opened_at": "1970-01-01T00:00:00Z"}, ["opened_at"]),
        ({"customer": {"email": "ada"}}, ["customer.email"]),
        ({"customer": {"email": "a@b.org\r\nBcc: c@d.org"}}, ["customer.email"]),
        ({"customer": {"language": "Klingonese"}}, ["customer.language"]),
        ({"customer": {"timezone": "Mars/Base"}}, ["customer.timezone"]),
        ({"customer": {"phone": "1"}}, ["customer.phone"]),
        ({"agents": [{"share": 1}]}, ["agents[0].external_id"]),
        ({"agents": [{"external_id": "a", "share": 0}]}, ["agents[0].share"]),
        ({"agents": [{"external_id": "a", "share": 0.4}]}, ["agents"]),
        ({"agents": [{"external_id": "a", "share": 1}, {"external_id": "b"}]}, ["agents"]),
        ({"agents": [{"external_id": "a", "mail": "x"}]}, ["agents[0].mail"]),
        ({"agents": [{"external_id": str(n)} for n in range(51)]}, ["agents"]),
        ({"tags": ["x" * 101]}, ["tags[0]"]),
        ({"tags": ["x"] * 101}, ["tags"]),
        ({"subject": "x" * 501}, ["subject"]),
        ({"subject": "a\x00b"}, ["subject"]),
        ({"severity": 10**400}, ["severity"]),
        ({"nope": 1}, ["nope"]),
        ({"team": 5}, ["team"]),
        ({"external_id": True}, ["external_id"]),
        ({"status": "x", "source": "a/b", "subject": "\x00"}, ["source", "status", "subject"]),
    ],
)
def test_read_case_names_the_field_at_fault(fields: dict[str, Any], paths: list[str]) -> None:
    assert [path for path, _ in _faults(**fields)] == paths


def test_convert_case_names_a_lone_surrogate() -> None:
    read = convert_case(case(customer={"email": "a@b.org", "name": "x\ud800"}), NOW)
    assert isinstance(read, Rejected)
    assert [path for path, _ in read.errors] == ["customer.name"]


def test_convert_case_names_a_lone_surrogate_far_down() -> None:
    tags: Any = "x\ud800"
    for _ in range(5_000):
        tags = [tags]
    read = convert_case(case(tags=tags), NOW)
    assert isinstance(read, Rejected)
    assert [path for path, _ in read.errors] == ["tags" + "[0]" * 5_000]


def test_convert_case_complains_of_a_broken_name_without_repeating_it() -> None:
    read = convert_case(case(customer={"\ud800": "\ud800"}), NOW)
    assert isinstance(read, Rejected)
    assert [path for path, _ in read.errors] == ["customer", "customer.?"]


@pytest.mark.parametrize(
    "raw",
    [b"5", b"[]", b'"x"', b"null", b"{", b'{"external_id":' + b"[" * 100_000, b'{"a":"\\ud800"}'],
)
def test_read_case_of_anything_else_is_rejected(raw: bytes) -> None:
    assert isinstance(read_case(raw, NOW), Rejected)


def test_read_case_times_are_taken_to_utc() -> None:
    report = _report(resolved_at="2026-11-20T15:30:00+01:00")
    assert report.content["resolved_at"] == "2026-11-20T14:30:00+00:00"


@pytest.mark.parametrize(
    ("fields", "occurred_at"),
    [
        ({}, at(5)),
        ({"occurred_at": at(2)}, at(2)),
        ({"status": "reopened", "resolved_at": at(3)}, at(3)),
        ({"status": "reopened", "resolved_at": None}, NOW.isoformat()),
        ({"status": "open", "resolved_at": None, "opened_at": at(9)}, at(9)),
    ],
)
def test_read_case_finds_when_it_occurred(fields: dict[str, Any], occurred_at: str) -> None:
    report = _report(**fields)
    assert (report.occurred_at.isoformat(), report.is_timed) == (
        occurred_at,
        occurred_at != NOW.isoformat(),
    )


def test_read_case_shares_agents_out() -> None:
    def shares(*agents: dict[str, Any]) -> list[tuple[str, float]]:
        content = _report(agents=list(agents)).content
        return [(agent["external_id"], agent["share"]) for agent in content["agents"]]

    a, b = {"external_id": "a"}, {"external_id": "b"}
    assert shares(a, b) == [("a", 0.5), ("b", 0.5)]
    assert shares(a, a, b) == [("a", 0.5), ("b", 0.5)]
    assert shares(a | {"share": 0.25}, b | {"share": 0.5}, a | {"share": 0.25}) == [
        ("a", 0.5),
        ("b", 0.5),
    ]
    assert shares({"email": "G@example.org"}, {"name": "Only"}) == [
        ("g@example.org", 0.5),
        ("Only", 0.5),
    ]


def test_read_case_makes_one_line_of_control_characters() -> None:
    assert _report(subject="a\r\nb\tc").content["subject"] == "a  b c"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("de", "de"),
        ("PT_br", "pt-BR"),
        ("zh_hant_tw", "zh-Hant-TW"),
        ("en_US.UTF-8", "en-US"),
        ("German", "de"),
        ("Deutsch", "de"),
        ("Portuguese (Brazil)", "pt-BR"),
        ("Spanish (Latin America)", "es"),
        ("Chinese (Traditional)", "zh-Hant"),
        ("Klingonese", None),
        ("", None),
    ],
)
def test_language_of_reads_tags_and_names(text: str, tag: str | None) -> None:
    assert language_of(text) == tag


def test_timezone_of_ignores_case() -> None:
    assert timezone_of(" europe/BERLIN ") == "Europe/Berlin"
    assert timezone_of("Europe/Atlantis") is None
