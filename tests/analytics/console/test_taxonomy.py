"""Causes renamed, mapped and merged on a page: shown first, logged, undone, right in reports."""

from __future__ import annotations

import pytest
from django.test import Client

from analytics import reports
from analytics.aggregates import apply_all, verify
from analytics.filters import Filters
from surveys.models import Cause, CauseChange, User
from surveys.services.access import EVERYTHING
from tests.analytics.answered import answer
from tests.factories import CauseFactory, InvitationFactory, ResolutionFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    return client_of(User.Role.ADMIN)


def answered(code: str, name: str, n: int, c1: int, **fields: object) -> Cause:
    cause: Cause = CauseFactory(code=code, name=name, **fields)
    for one in ResolutionFactory.create_batch(n, cause=cause):
        answer(InvitationFactory(resolution=one), f1=4, c1=c1)
    ResolutionFactory(cause=cause)  # nobody answered about it
    apply_all()
    return cause


def rows() -> dict[str, tuple[int, int, float | None]]:
    apply_all()
    found = reports.causes(Filters(), EVERYTHING).results
    return {row.cause.name: (row.cases, row.n, row.dismayed) for row in found}


def said(client: Client, path: str, status: int = 200) -> str:
    page = client.get(path)
    assert page.status_code == status
    return page.content.decode()


def test_a_merge_is_shown_confirmed_logged_and_undone(admin: Client) -> None:
    old, new = answered("dsl/slow", "Slow DSL", 6, 5), answered("net", "Network", 6, 1)
    before = rows()
    assert before == {"Slow DSL": (7, 6, 1.0), "Network": (7, 6, 0.0)}
    shown = said(admin, f"/settings/causes/{old.pk}/?into=net")
    assert "<b>7 cases</b> and <b>6 answers</b> go from “Slow DSL” to “Network”" in shown
    assert rows() == before  # looking moves nothing
    done = admin.post(f"/settings/causes/{old.pk}/merge/", {"into": "net"}, follow=True)
    assert "7 cases and 6 answers went with it" in done.content.decode()
    assert rows() == {"Network": (14, 12, 0.5)}
    assert verify() == []
    change = CauseChange.objects.get()
    assert (change.code, change.after, change.by) == ("dsl/slow", "net", User.objects.get())
    log = said(admin, "/settings/causes/")
    assert "Merged “Slow DSL” (<code>dsl/slow</code>) into <code>net</code>" in log
    undone = admin.post(f"/settings/causes/changes/{change.pk}/undo/", follow=True)
    assert "The change of “dsl/slow” is undone: 7 cases went back." in undone.content.decode()
    assert rows() == before
    assert verify() == []
    assert new.merged.count() == 0


def test_an_old_code_leads_to_what_it_became(admin: Client) -> None:
    old = answered("old", "Old", 5, 5)
    answered("new", "New", 5, 1)
    admin.post(f"/settings/causes/{old.pk}/merge/", {"into": "new"})
    apply_all()
    assert "<h1>New</h1>" in said(admin, "/causes/old/")
    listed = said(admin, "/causes/?cause=old")
    assert ">New</a></th>" in listed
    assert "Cause: New" in listed
    found = admin.get("/api/v1/reports/causes/?cause=old").json()["results"]
    assert [(row["cause"]["code"], row["n"]) for row in found] == [("new", 10)]
    assert "There is no cause “older”." in said(admin, "/causes/?cause=older", 400)


def test_a_cause_is_renamed_and_mapped_and_both_are_undone(admin: Client) -> None:
    cause = answered("tag 7", "tag 7", 5, 4, mapped_at=None)
    assert "not mapped yet" in said(admin, "/settings/causes/")
    admin.post(f"/settings/causes/{cause.pk}/keep/")
    page = admin.post(
        f"/settings/causes/{cause.pk}/rename/", {"name": "<b>Router</b>"}, follow=True
    ).content.decode()
    assert "&lt;b&gt;Router&lt;/b&gt;" in page
    assert "<b>Router" not in page
    assert list(rows()) == ["<b>Router</b>"]
    for change in CauseChange.objects.all():
        admin.post(f"/settings/causes/changes/{change.pk}/undo/")
    cause.refresh_from_db()
    assert (cause.name, cause.mapped_at) == ("tag 7", None)


@pytest.mark.parametrize(
    ("into", "sentence"),
    [
        ("self", "cannot be merged into itself"),
        ("nowhere", "There is no cause “nowhere”."),
        ("gone", "was itself merged into another one"),
    ],
)
def test_a_merge_that_makes_no_sense_says_why(admin: Client, into: str, sentence: str) -> None:
    cause, other = CauseFactory(code="self"), CauseFactory(code="other")
    CauseFactory(code="gone", merged_into=other)
    assert sentence in said(admin, f"/settings/causes/{cause.pk}/?into={into}", 400)
    posted = admin.post(f"/settings/causes/{cause.pk}/merge/", {"into": into}, follow=True)
    assert sentence in posted.content.decode()
    assert not CauseChange.objects.exists()


def test_many_causes_are_found_by_page_and_by_name(admin: Client) -> None:
    Cause.objects.bulk_create(
        Cause(code=f"c{k:04}", name=f"Cause {k:04}", mapped_at=None) for k in range(1_200)
    )
    first = said(admin, "/settings/causes/")
    assert "1,200 causes" in first
    assert first.count("not mapped yet</span>") == 100
    assert "c1199" in said(admin, "/settings/causes/?page=11")
    assert "1 cause<" in said(admin, "/settings/causes/?q=0777")
    one = said(admin, f"/settings/causes/{Cause.objects.get(code='c0777').pk}/")
    assert "Code of the other cause" in one  # more than anybody would choose from
