"""A screen at the desk in a real Chromium: nothing of one customer is there for the next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from surveys.models import Kiosk, Response
from surveys.services import kiosks
from tests.browser.looking import press
from tests.factories import UserFactory
from tests.surveys.services.outbox import queued

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "my number is 4711"


def test_next_customer_finds_nothing_of_the_last(open_page: Callable[..., Page]) -> None:
    kiosk = kiosks.make("Desk", UserFactory(), timezone.now())
    page = open_page(f"/k/{kiosks.token_of(kiosk)}/", width=1280)
    expect(page.get_by_role("heading")).to_have_text("Tell us how it went")
    start = page.url
    kiosks.show(kiosk.pk, queued(invitation__arm="fix_first").invitation_id, timezone.now())
    page.reload()  # as the screen does by itself every few seconds
    press(page.get_by_role("button", name="Begin"))
    page.locator("input[name=F1][value='4']").check(force=True)
    page.locator("textarea").fill(SECRET)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Page 2 of")).to_be_visible()
    page.get_by_role("button", name="Finish and clear the screen").click()
    expect(page.get_by_role("heading")).to_have_text("Tell us how it went")
    assert Response.objects.get().fix_comment == SECRET
    for _ in range(4):
        page.go_back(wait_until="load")
        if page.url == "about:blank":
            break
        assert page.url.partition("?")[0] == start
        assert SECRET not in page.content()
        assert page.locator("input:checked").count() == 0
    page.goto(start)
    Kiosk.objects.update(visit_until=None)
    other = queued("next@example.com", invitation__arm="fix_first")
    kiosks.show(kiosk.pk, other.invitation_id, timezone.now())
    page.reload()
    press(page.get_by_role("button", name="Begin"))
    expect(page.locator("textarea")).to_have_value("")
    expect(page.locator("input:checked")).to_have_count(0)
