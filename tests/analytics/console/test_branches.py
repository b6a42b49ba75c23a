"""A branch of the tree as a filter: a cause with all below it; `cause` is that cause alone."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.utils import timezone

from analytics import reports
from analytics.aggregates import apply_all
from analytics.filters import Filters
from analytics.kept import ShareLink
from surveys.models import Cause, User
from surveys.services import cause_tree, causes
from surveys.services.access import EVERYTHING, scope_for
from tests.analytics.answered import answer
from tests.factories import CauseFactory, InvitationFactory, ResolutionFactory, UserFactory
from tests.surveys.staff import client_of
from tests.worlds import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tree")]
#: Code, what it is part of, and how many answered about it.
TREE = (("net", "", 2), ("dsl", "net", 5), ("dsl/slow", "dsl", 5), ("bills", "", 3))
AT = timezone.now() - dt.timedelta(days=3)


@world
def tree() -> None:
    for code, above, n in TREE:
        cause = CauseFactory(code=code, name=f"Cause {code}")
        for resolution in ResolutionFactory.create_batch(n, cause=cause, resolved_at=AT):
            answer(InvitationFactory(resolution=resolution), at=AT, f1=4, c1=5)
        if above:
            cause_tree.place(code, above)
    apply_all()


def _n(scope: object = EVERYTHING, **asked: tuple[str, ...]) -> int:
    return reports.overview(Filters(**asked), scope).cause.n  # type: ignore[arg-type,union-attr]


def test_a_branch_is_the_sum_of_its_causes_and_a_cause_is_itself_alone() -> None:
    assert (_n(cause=("net",)), _n(branch=("net",)), _n(branch=("dsl",))) == (2, 12, 10)
    assert _n(branch=("bills", "dsl")) == 13  # any of several
    assert _n(branch=("dsl", "net")) == 12  # nobody twice
    assert _n(branch=("net",), cause=("dsl", "bills")) == 5  # and
    assert _n(branch=("net",), cause=("bills",)) == 0
    rows = reports.causes(Filters(branch=("dsl",)), EVERYTHING).results
    assert {row.cause.code: row.n for row in rows} == {"dsl": 5, "dsl/slow": 5}
    # An old code asks for what it became, with its branch.
    CauseFactory(code="old")
    causes.merge("old", "dsl", timezone.now())
    assert _n(branch=("old",)) == 10


def test_two_branches_are_apart_only_where_neither_holds_the_other() -> None:
    def overlap(one: str, other: str) -> bool:
        asked = (Filters(branch=(one,)), Filters(branch=(other,)))
        return reports.comparison(*asked, EVERYTHING).may_overlap

    assert (overlap("net", "bills"), overlap("net", "dsl"), overlap("dsl", "net")) == (
        *(False, True, True),
    )


def test_every_report_and_file_takes_a_branch_and_refuses_one_that_is_not_there() -> None:
    reader = client_of(User.Role.MANAGER)
    for report in ("overview", "agents", "causes", "matrix", "trend", "alarms", "actions"):
        address = f"/api/v1/reports/{report}/"
        assert reader.get(address, {"branch": ["net", "bills"]}).status_code == 200
        refused = reader.get(address, {"branch": "lost"})
        assert refused.status_code == 400
        assert [fault["field"] for fault in refused.json()["errors"]] == ["branch"]
    listed = reader.get("/api/v1/responses/", {"branch": "dsl"}).json()["results"]
    assert {item["cause"]["code"] for item in listed} == {"dsl", "dsl/slow"}
    assert len(listed) == 10
    file = reader.get("/api/v1/reports/causes/", {"branch": "dsl", "format": "csv"})
    assert len(b"".join(file).splitlines()) == 3
    assert "“lost”" in reader.get("/causes/?branch=lost").content.decode()
    assert reader.get("/api/v1/reports/causes/net/weeks/?branch=net").status_code == 400


def test_pages_offer_branches_and_say_which_is_asked_for() -> None:
    reader = client_of(User.Role.MANAGER)
    page = reader.get("/causes/", {"branch": "net"}).content.decode()
    offered = page.split('name="branch"')[-1].split("</select>")[0]
    assert [code for code, *_ in TREE if f'value="{code}"' in offered] == ["net", "dsl"]
    assert "Cause with all below it: Cause net" in page
    assert "/api/v1/reports/causes/?branch=net&amp;format=csv" in page
    kept = {"name": "Network", "path": "/causes/", "query": "branch=net&period=28d"}
    assert "Cause net" in reader.post("/settings/views/", kept, follow=True).content.decode()


def test_a_link_stands_still_when_the_tree_is_moved() -> None:
    reader = client_of(User.Role.MANAGER)
    for query, codes in (
        ("branch=net", ["dsl", "dsl/slow", "net"]),
        ("branch=net&cause=dsl", ["dsl"]),
    ):
        reader.post("/settings/links/", {"path": "/causes/", "query": query, "days": "30"})
        asked = parse_qs(ShareLink.objects.latest("pk").query)
        assert (asked["cause"], asked.get("branch")) == (codes, None)
    told = {"path": "/causes/", "query": "branch=net&cause=bills", "days": "30"}
    refused = reader.post("/settings/links/", told, follow=True).content.decode()
    assert "nothing to share" in refused
    assert ShareLink.objects.count() == 2


def test_an_owner_reads_by_branch_what_they_may_read_by_cause_and_no_more() -> None:
    owner = UserFactory(role=User.Role.CAUSE_OWNER)
    for code in ("dsl", "dsl/slow"):
        Cause.objects.filter(code=code).update(owner=owner)
    scope = scope_for(owner)
    by_cause = _n(scope, cause=("dsl", "dsl/slow"))
    assert _n(scope, branch=("net",)) == _n(scope, branch=("dsl",)) == by_cause == 10
    assert _n(scope, branch=("bills",)) == 0
    reader = Client()
    reader.force_login(owner, "django.contrib.auth.backends.ModelBackend")
    page = reader.get("/causes/").content.decode()
    assert 'value="dsl"' in page.split('name="branch"')[-1].split("</select>")[0]
    told = {"path": "/causes/", "query": "branch=net&period=28d", "days": "30"}
    reader.post("/settings/links/", told)
    assert parse_qs(ShareLink.objects.get().query)["cause"] == ["dsl", "dsl/slow"]
    lead = UserFactory(role=User.Role.TEAM_LEAD)
    with pytest.raises(ValueError, match="not by branch"):
        reports.overview(Filters(branch=("dsl",)), scope_for(lead))
