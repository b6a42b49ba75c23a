"""The export that PostgreSQL writes is the one made row by row, byte for byte."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from django.db import connection

from analytics.api import files
from analytics.filters import Filters
from analytics.frames import copied
from analytics.reports import all_responses, lines_of_all, search_of
from surveys import exports
from surveys.api.files import csv_file, csv_of
from surveys.models import Agent, Case, Cause, Customer, Resolution, User
from surveys.services.access import API_REPORTS, EVERYTHING, Scope, scope_for
from tests import worlds
from tests.analytics.answered import answer, invitations
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db

NASTY = [
    "=1+1", "'=1+1", "''@x", "-3", "+4", "@sum", "\t=x", "\r", "\u00a0=x", "\u3000\u200b=x",
    "\uff1dx", "\u0085+1", "\u1680-1", "plain", "", " leading", 'with "quotes"', "two\r\nlines",
    "comma, and; more", "élan", "😀 =x", "\\.", "'", "0815", "ünder", "\u2028=x", "\u202e=x",
]  # fmt: skip
SCOPES = {
    "everything": EVERYTHING,
    "a key": API_REPORTS,
    "no comments": replace(EVERYTHING, hears_comments=False),
    "fix alone": replace(API_REPORTS, sees_cause=False, sees_agents=False),
    "cause alone": replace(EVERYTHING, sees_fix=False, sees_identity=False),
}


@worlds.world
def answered() -> None:
    texts = itertools.cycle(NASTY)
    moments = itertools.cycle((0, 1, 500_000, 123_456, 120_000))
    for k, one in enumerate(invitations(30)):
        at = NOW - dt.timedelta(hours=k, microseconds=next(moments))
        answer(
            one, at=at, f1=1 + k % 5, f2=None if k % 3 else 4, f3=[[], [1, 3], None][k % 3],
            c1=None if k % 4 else 3, o2=k % 6 or None, fix_comment=next(texts),
            cause_comment=NASTY[-k % len(NASTY)], completed_at=at if k % 2 else None,
        )  # fmt: skip
        case = one.resolution.case
        case.external_id = f"{next(texts)}{k}"
        case.save()
        Resolution.objects.filter(pk=one.resolution_id).update(channel=next(texts)[:30])
    for model, column in (
        (Customer, "name"),
        (Agent, "name"),
        (Agent, "external_id"),
        (Cause, "name"),
    ):
        for place, row in enumerate(model.objects.order_by("pk")):
            unique = str(place) if column == "external_id" else ""
            setattr(row, column, next(texts) + unique)
            row.save()
    Case.objects.filter(pk=Case.objects.earliest("pk").pk).update(customer=None)


def _made(filters: Filters, scope: Scope, words: str = "", show: str = "") -> tuple[bytes, bytes]:
    looked_for = search_of(words, show, scope)
    lines = lines_of_all(filters, scope, looked_for)
    assert lines is not None
    columns = files.RESPONSE_COLUMNS
    rows = files.response_rows(all_responses(filters, scope, looked_for))
    written = csv_of(lines, "a.csv", columns)
    one_by_one = csv_file(files.without_hidden(rows), "a.csv", columns)
    return written.getvalue(), one_by_one.getvalue()


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
@pytest.mark.parametrize(("chunk", "piece"), [(7, 2), (15, 100), (30, 1), (10_000, 1_000)])
def test_written_lines_are_those_made_one_by_one(
    answered: None, scope: Scope, chunk: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copied, "CHUNK", chunk)
    monkeypatch.setattr(copied, "_PIECE", piece)
    written, one_by_one = _made(Filters(), scope)
    assert written == one_by_one
    assert len(written.splitlines()) > 30


@pytest.mark.parametrize("chunk", [1, 3, 10_000])
def test_filters_and_searches_choose_the_same(
    answered: None, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copied, "CHUNK", chunk)
    some = Filters(by="resolved", to=NOW.date() - dt.timedelta(days=1), language=("en",))
    for written, one_by_one in (
        _made(some, API_REPORTS),
        _made(Filters(language=("en",)), API_REPORTS),
        _made(Filters(from_=NOW.date() - dt.timedelta(days=1)), API_REPORTS),
        _made(Filters(), EVERYTHING, "quotes", "comments"),
    ):
        assert written == one_by_one
        assert written.count(b"\r\n") > 1
    nothing, _ = _made(Filters(from_=dt.date(2001, 1, 1), to=dt.date(2001, 1, 2)), API_REPORTS)
    assert nothing.decode() == ",".join(files.RESPONSE_COLUMNS) + "\r\n"


def test_every_first_letter_is_guarded_alike() -> None:
    letters = [chr(code) for code in range(1, 0x3100) if not 0xD800 <= code < 0xE000]
    letters += ["\ufeff", "\ufffe", "\uffff", "\uff1d", "\uff0b", "\uff0d", "\uff20", "😀"]
    texts = [start + end for start in letters for end in ("", "=1", "x")] + NASTY
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {copied._text('x')} FROM unnest(%s::text[])"  # noqa: S608
            " WITH ORDINALITY AS t (x, k) ORDER BY k",
            [texts],
        )
        found = [guarded for (guarded,) in cursor.fetchall()]
    assert found == [exports.guard(text) or None for text in texts]


def test_the_columns_are_those_of_the_export() -> None:
    assert tuple(copied.columns()) == files.RESPONSE_COLUMNS


def test_a_bound_reader_gets_rows_that_were_thought_over(answered: None) -> None:
    lead = UserFactory(role=User.Role.TEAM_LEAD)
    assert lines_of_all(Filters(), scope_for(lead)) is None
