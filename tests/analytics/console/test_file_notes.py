"""What a file says of itself, and that nothing in it runs."""

from __future__ import annotations

import pytest
from django.db.models.functions import Mod
from django.utils.http import urlencode

from surveys.models import Agent, Cause, Response
from tests.analytics.console.filed import Filed, Page, Readers, too_few

pytestmark = pytest.mark.django_db


def test_a_file_says_its_period_filters_limits_and_meanings(readers: Readers) -> None:
    asked = "from=2026-10-25&to=2026-11-15&channel=phone"
    notes = Page(readers.manager, f"/causes/?{asked}").file("").notes
    assert notes["Period"].startswith("25 October 2026 to 15 November 2026 (days of the answers")
    assert notes["Channel"] == "phone"
    assert "causes with under 5 answers" in notes["Left out"]
    for key in ("dismayed", "index", "avoidable", "recurrent", "share_of_dismay", "preventable"):
        assert "Made as: " in notes[key], key
    lead = Page(readers.lead, "/agents/").file("").notes
    assert "groups of 5" in lead["Left out"]
    own = Page(readers.agent, f"/agents/{readers.own.pk}/?period=28d").file("").notes
    assert "groups of 10" in own["Left out"]
    assert own["Period"].startswith("the last 28 days: ")


def test_an_api_file_has_lines_about_itself_only_where_they_are_asked_for(readers: Readers) -> None:
    plain = readers.manager.get("/api/v1/reports/causes/?format=csv")
    text = b"".join(plain.streaming_content).decode()  # type: ignore[attr-defined]
    assert "About this file" not in text
    assert "\r\n\r\n" not in text


def test_every_file_of_every_page_opens_alike_and_says_its_period(readers: Readers) -> None:
    """Also those of reports that no test compares cell by cell."""
    paths = ["/", "/agents/", "/causes/", "/matrix/", "/trend/", "/who-answered/",
             f"/causes/{readers.cause.code}/?change=2026-11-01", f"/agents/{readers.own.pk}/",
             "/segments/?b_channel=phone", "/responses/"]  # fmt: skip
    seen = set()
    for path in paths:
        page = Page(readers.manager, path)
        names = {name.removesuffix("CSV").strip() for name in page.links() if "CSV" in name}
        assert names, path
        for name in names:
            notes = page.file(name).notes
            assert notes["Report"], (path, name)
            assert "Period" in notes, (path, name)
            seen.add((path.split("?")[0], name))
        assert "PDF" in page.links(), path
    assert len(seen) >= len(paths) + 4


#: What a spreadsheet may take for a formula.
SIGNS = ("=", "+", "-", "@", "\t=", " =", "＝")


def test_no_cell_of_a_file_starts_a_formula(readers: Readers) -> None:
    for place, sign in enumerate(SIGNS):
        evil = f"{sign}HYPERLINK({place})"
        Cause.objects.filter(code=f"sim-cause-5-{place + 1}").update(name=evil, code=evil)
        Agent.objects.filter(external_id=f"sim-agent-5-{place + 1}").update(name=evil)
        said = Response.objects.annotate(rest=Mod("pk", len(SIGNS))).filter(rest=place)
        said.update(fix_comment=evil, cause_comment=evil)
    asked = urlencode({"cause": "=HYPERLINK(0)"})
    for path in ("/causes/", "/agents/", f"/causes/?{asked}", "/responses/"):
        filed = Page(readers.manager, path).file("")
        cells = [cell for row in filed.rows for cell in row.values()]
        cells += [*filed.notes, *filed.notes.values()]
        run = [c for c in cells if c.strip()[:1] in {*"=+@＝"} or c.strip().startswith("-H")]
        assert run == [], path
        inert = {cell for cell in cells if "HYPERLINK" in cell}
        assert len(inert) >= (1 if "?" in path else 6), path


def test_bound_readers_files_are_told_in_groups_as_their_pages(readers: Readers) -> None:
    lead: Filed = Page(readers.lead, "/agents/").file("")
    assert all(float(row["n"]) % 5 == 0 or too_few(row) for row in lead.rows)
    owner = Page(readers.owner, "/causes/").file("")
    assert all(float(row["n"]) % 5 == 0 or too_few(row) for row in owner.rows)
