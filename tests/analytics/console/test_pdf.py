"""PDFs: every number of the page, under the same question."""

from __future__ import annotations

import io
import re
from collections import Counter

import pytest
from pypdf import PdfReader

from analytics import simulation
from analytics.kept import SavedView, ShareLink
from surveys.models import Agent, Cause, User
from tests.analytics.console.filed import Readers
from tests.analytics.console.keeping import (
    main_of,
    numbers,
    signed_in,
)
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Role = User.Role


PRINTED = [
    ("manager", "/"),
    ("manager", "/?from=2026-11-01&compare=previous&channel=phone"),
    ("manager", "/agents/"),
    ("manager", "/causes/?by=resolved&from=2026-10-20"),
    ("manager", "/matrix/"),
    ("manager", "/trend/?interval=month"),
    ("manager", "/responses/?show=dismayed"),
    ("manager", "/segments/?from=2026-11-01&b_to=2026-10-31"),
    ("manager", "agent"),
    ("manager", "cause"),
    ("manager", "/who-answered/"),
    ("manager", "/cases/"),
    ("lead", "/agents/?from=2026-10-20"),
    ("lead", "agent"),
    ("lead", "/responses/"),
    ("lead", "/cases/?status=resolved"),
    ("owner", "/causes/"),
    ("owner", "cause"),
    ("agent", "agent"),
]


@pytest.mark.parametrize("reader", ["manager", "lead", "owner", "agent"])
def test_a_pdf_says_every_number_of_its_page(readers: Readers, reader: str) -> None:
    for who, path in [one for one in PRINTED if one[0] == reader]:
        _same_numbers(readers, who, path)


def _same_numbers(readers: Readers, who: str, path: str) -> None:
    agent, cause = Agent.objects.all()[0], Cause.objects.all()[0]
    path = {"agent": f"/agents/{agent.pk}/", "cause": f"/causes/{cause.code}/"}.get(path, path)
    client = getattr(readers, who)
    page, answer = client.get(path), client.get(f"/pdf{path}")
    assert answer["Content-Type"] == "application/pdf"
    document = PdfReader(io.BytesIO(answer.content))
    said = "\n".join(one.extract_text() for one in document.pages)
    shown = numbers(main_of(page.content.decode()))
    printed = Counter(re.findall(r"\d[\d,.]*\d|\d", said))
    assert sum(shown.values()) > 10
    assert shown - printed == Counter()
    assert f"Page 1 of {len(document.pages)}" in said
    assert ("Period: " in said) is not path.startswith("/cases/")
    if who == "owner":
        assert not any(one.name in said for one in Agent.objects.all())


def test_a_list_of_cases_is_printed_and_neither_kept_nor_shared(manager: User) -> None:
    client = signed_in(manager)
    assert client.get("/pdf/cases/?q=x").headers["Content-Type"] == "application/pdf"
    for address in ("/settings/views/", "/settings/links/"):
        client.post(address, {"path": "/cases/", "query": "", "name": "x", "days": "7"})
    assert (SavedView.objects.count(), ShareLink.objects.count()) == (0, 0)


def test_a_pdf_names_its_filters_and_its_file(manager: User, company: simulation.Simulated) -> None:
    answer = signed_in(manager).get(
        "/pdf/causes/?from=2026-10-01&to=2026-10-31&channel=phone&by=resolved"
    )
    said = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "1 October 2026 to 31 October 2026 (days of the resolutions" in said
    assert "Channel: phone" in said
    name = 'filename="stabledoor-causes-2026-10-01-to-2026-10-31.pdf"'
    assert name in answer["Content-Disposition"]


def test_a_pdf_of_wrong_filters_says_what_is_wrong(manager: User) -> None:
    answer = signed_in(manager).get("/pdf/causes/?product=Nothing")
    assert answer.status_code == 400
    assert "There is no product “Nothing”" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/pdf/matrix/", "/pdf/settings/", "/pdf/pdf/causes/", "/pdf/", "/pdf//"]
)
def test_a_pdf_of_what_is_not_ones_own_is_a_404(path: str) -> None:
    assert client_of(Role.CAUSE_OWNER).get(path).status_code == 404
