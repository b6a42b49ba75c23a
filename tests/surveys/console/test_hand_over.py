"""The printable link of a survey, and the screens at the desk, as staff see them."""

from __future__ import annotations

import re

import pytest
import segno
from django.test import Client
from django.utils import timezone

from surveys.console.hand_over import qr_code
from surveys.models import Delivery, Invitation, Kiosk
from surveys.services import kiosks
from surveys.services.tokens import token_of
from tests.factories import UserFactory
from tests.surveys.services.outbox import queued, story
from tests.surveys.staff import BACKEND

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(UserFactory(role="manager"), BACKEND)
    return client


@pytest.fixture
def delivery() -> Delivery:
    return queued()


def test_link_is_made_by_a_button_and_the_case_says_how_it_went_out(
    manager: Client, delivery: Delivery
) -> None:
    path = f"/surveys/{delivery.invitation_id}/link/"
    case = f"/cases/{delivery.invitation.resolution.case_id}/"
    assert path in manager.get(case).content.decode()
    token = token_of(delivery.invitation.nonce)
    assert token not in manager.get(path).content.decode()
    assert story(delivery) == ("queued", "scheduled")
    manager.post(path)
    page = manager.get(path).content.decode()
    assert token in page
    assert 'class="qr"' in page
    assert " style=" not in page
    told = manager.get(case).content.decode()
    assert "The link was handed over at the desk." in told
    assert "Link or QR code" in told


def test_slip_speaks_the_customers_language_and_names_nobody(
    manager: Client, delivery: Delivery
) -> None:
    Invitation.objects.update(language="de")
    customer = delivery.invitation.customer
    assert customer is not None
    customer.name = "Ada Lovelace"
    customer.save()
    path = f"/surveys/{delivery.invitation_id}/link/"
    manager.post(path)
    page = manager.get(path).content.decode()
    slip = re.search(r'<section class="panel slip".*?</section>', page, re.DOTALL)
    assert slip is not None
    assert 'lang="de"' in slip[0]
    assert "Scannen Sie den Code" in slip[0]
    for name in ("Ada", "Lovelace", customer.email, delivery.invitation.resolution.case.subject):
        assert name not in slip[0]


def test_drawing_has_every_square_of_the_code() -> None:
    address = "https://survey.northline.example/s/abcdefghijklmnopqrstuvwxyz0/"
    drawn = qr_code(address)
    assert "style" not in drawn
    dark, x, y = set(), 0, 0.0
    path = drawn.split('stroke="#000"')[1]
    for step, dx, dy in re.findall(r"([Mmh])(-?\d+)(?: ?(-?[\d.]+))?", path):
        if step == "h":
            dark |= {(x + n, int(y)) for n in range(int(dx))}
            x += int(dx)
        elif step == "m":
            x, y = x + int(dx), y + float(dy or 0)
        else:
            x, y = int(dx), float(dy)
    rows = enumerate(segno.make(address, micro=False, error="m").matrix)
    assert dark == {(c + 4, r + 4) for r, row in rows for c, square in enumerate(row) if square}


def test_refusal_is_said_in_words(manager: Client, delivery: Delivery) -> None:
    Invitation.objects.update(status="skipped", reason="Surveyed less than 30 days ago")
    path = f"/surveys/{delivery.invitation_id}/link/"
    assert "Surveyed less than 30 days ago" in manager.get(path).content.decode()
    manager.post(path)
    assert story(delivery) == ("queued", "skipped")


def test_screen_is_set_up_and_gets_a_survey(manager: Client, delivery: Delivery) -> None:
    admin = Client()
    admin.force_login(UserFactory(role="admin"), BACKEND)
    admin.post("/settings/kiosks/", {"name": "Desk 1"})
    kiosk = Kiosk.objects.get()
    assert f"/k/{kiosks.token_of(kiosk)}/" in admin.get("/settings/kiosks/").content.decode()
    path = f"/surveys/{delivery.invitation_id}/kiosk/"
    assert "Choose a screen" in manager.post(path, {"kiosk": "x"}, follow=True).content.decode()
    said = manager.post(path, {"kiosk": str(kiosk.pk)}, follow=True).content.decode()
    assert "waits on “Desk 1” for 15 minutes" in said
    assert story(delivery) == ("sent", "sent")
    kiosk.refresh_from_db()
    assert kiosks.waiting(kiosk, timezone.now()) == kiosk.visit
    admin.post(f"/settings/kiosks/{kiosk.pk}/revoke/")
    assert "No screen yet." in admin.get("/settings/kiosks/").content.decode()


def test_agent_is_offered_no_link(delivery: Delivery) -> None:
    """Who holds a link could answer about themselves."""
    client = Client()
    client.force_login(UserFactory(role="analyst"), BACKEND)
    case = client.get(f"/cases/{delivery.invitation.resolution.case_id}/").content.decode()
    assert "Link and QR code" not in case
    assert client.get(f"/surveys/{delivery.invitation_id}/link/").status_code == 404
