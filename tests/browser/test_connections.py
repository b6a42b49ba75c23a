"""Connecting a helpdesk in a real Chromium: from nothing to its first event, and the survey in the
customer's mailbox."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from surveys.models import Invitation
from surveys.services import hook_work
from surveys.services.delivery import dispatch_all
from surveys.services.publishing import ensure_defaults
from tests.browser.looking import WIDTHS, axe_faults, link_in, session
from tests.smtp_server import SmtpServer
from tests.surveys.services.conftest import smtp

__all__ = ["smtp"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OF_ZENDESK = "kept-in-the-admin-center-of-theirs"


def body_of(template: str, case: str, status: str, at: str) -> bytes:
    """What Zendesk makes of the pasted body: its placeholders filled in."""
    known = {
        "ticket.id": case,
        "ticket.status": status,
        "ticket.updated_at_with_timestamp": at,
        "ticket.requester.email": "grace@example.com",
        "ticket.requester.name": "Grace Hall",
        "ticket.requester.language": "English",
    }
    filled = re.sub(r"\{\{\s*([^}|]+?)\s*\}\}", lambda m: known.get(m[1], ""), template)
    return json.dumps(json.loads(filled)).encode()


def zendesk_sends(url: str, body: bytes) -> tuple[int, Any]:
    stamp = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(OF_ZENDESK.encode(), stamp.encode() + body, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }
    request = urllib.request.Request(url, body, headers)  # noqa: S310 -- our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return answer.status, json.load(answer)


@pytest.mark.parametrize("scripts", [True, False])
def test_zendesk_is_connected_from_nothing_to_the_first_survey_in_the_inbox(
    open_page: Callable[..., Page],
    live_server: Any,
    smtp: SmtpServer,
    settings: Settings,
    scripts: bool,
) -> None:
    settings.SITE_URL = live_server.url
    ensure_defaults()
    page = open_page("/connections/", scripts=scripts, **session("admin"))
    page.get_by_role("link", name="Connect a helpdesk").click()
    page.wait_for_url("**/connections/new/")
    page.get_by_role("radio", name=re.compile("^Zendesk")).check()
    page.get_by_label("Name (optional)").fill("Service desk")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Service desk")
    expect(page.get_by_role("heading", name="Waiting for the first event…")).to_be_visible()
    page.get_by_label("Paste it here").fill(OF_ZENDESK)
    page.get_by_role("button", name="Use this secret").click()
    expect(page.get_by_role("button", name="Retire the former secret")).to_be_visible()
    template = page.locator("pre code").inner_text()
    path = "/hooks/" + page.url.rstrip("/").rpartition("/")[2] + "/"
    # The survey of a case resolved five hours ago is due at once.
    at = (timezone.now() - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = zendesk_sends(live_server.url + path, body_of(template, "4711", "Solved", at))
    assert (answer[0], answer[1]["outcome"], answer[1]["case"]) == (202, "resolved", "4711")
    if not scripts:
        page.get_by_role("link", name="Look again").click()
    expect(page.locator("#calls").get_by_text("Taken")).to_be_visible()
    hook_work.work_off()
    page.locator("#calls").get_by_role("link", name="case 4711").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("4711")
    assert Invitation.objects.get(resolution__case__external_id="4711").status == "scheduled"

    assert dispatch_all().sent == 1
    assert smtp.recipients == ["grace@example.com"]
    survey = open_page(link_in(smtp), width=390, scripts=scripts)
    expect(survey.get_by_role("radio").first).to_be_visible()
    expect(survey.get_by_role("button", name="Continue")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_axe_finds_nothing(open_page: Callable[..., Page], width: int) -> None:
    from tests.surveys.hooks import Desk, resolved

    desk = Desk()
    desk.resolve("51")
    desk.resolve("52", customer={"external_id": "9911"})
    desk.send(resolved("53"), **{"webhook-signature": "v1,AAAA"})
    desk.send(resolved("54", status="A status with a very long name of its own"))
    hook_work.work_off()
    one = f"/connections/{desk.connection.slug}/"
    call = desk.connection.deliveries.order_by("pk")[0].pk
    faults = {}
    page = open_page("/connections/", width=width, **session("admin"))
    for path in ("/connections/", "/connections/new/", one, f"{one}calls/{call}/"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width or (found := axe_faults(page)):
            faults[path] = [wide] if wide > width else found
    assert faults == {}
