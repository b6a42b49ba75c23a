"""A scanner that is a whole browser: it runs scripts, moves about, and answers nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from surveys.models import Invitation, LinkOpening, Response, ResponseRevision, Suppression
from surveys.respondent import noticing
from surveys.services.delivery_claims import facts
from surveys.services.delivery_mail import compose
from tests.surveys.respondent.scanners import links_of
from tests.surveys.services.outbox import queued

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_browser_that_opens_every_link_and_runs_scripts_answers_nothing(
    open_page: Callable[..., Page],
) -> None:
    now = timezone.now()
    delivery = queued()
    content = message_from_bytes(
        compose(facts([delivery.pk])[0], now).content, policy=policy.default
    )
    part = content.get_body(("html",))
    assert part is not None
    Invitation.objects.update(status="sent", sent_at=now, expires_at=now + timedelta(days=9))
    noticing._waiting.clear()

    pages = [open_page(path) for path in links_of(part.get_content())]
    for page in pages:
        page.mouse.move(100, 200)
        page.mouse.wheel(0, 2_000)
        page.keyboard.press("End")
        page.locator("body").hover()
    for page in pages:
        page.wait_for_load_state("networkidle")
        page.reload()
        page.go_back()
    noticing.store()

    assert Response.objects.count() == ResponseRevision.objects.count() == 0
    assert Suppression.objects.count() == 0
    assert LinkOpening.objects.filter(link="hidden").exists()
    assert set(LinkOpening.objects.values_list("sign", flat=True)) <= {"hidden", "agent"}
