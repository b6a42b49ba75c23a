"""What holds of every channel, and of the queue that they share."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from analytics.reports.deliverability import deliverability
from surveys.channels import CHANNELS, open_session
from surveys.models import Delivery
from surveys.services.delivery import Counts, dispatch_all
from surveys.services.delivery_claims import Scope, claim
from tests.factories import NOW, DeliveryFactory, InvitationFactory
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued, story


def test_channels_and_what_deliveries_can_be_are_the_same() -> None:
    assert set(CHANNELS) == set(Delivery.Channel.values)
    for name, channel in CHANNELS.items():
        assert (channel.name, channel.label) == (name, Delivery.Channel(name).label)


def test_nothing_is_sent_from_here_by_a_channel_without_a_session() -> None:
    with pytest.raises(LookupError, match="api"):
        open_session("api")


@pytest.mark.django_db
def test_mails_leave_beside_links_that_nobody_fetches(smtp: SmtpServer) -> None:
    link = queued("first@example.com", channel="api", due_at=NOW - timedelta(days=1))
    mail = queued("second@example.com")
    assert dispatch_all(clock=lambda: NOW) == Counts(sent=1)
    assert (story(link), story(mail)) == (("queued", "scheduled"), ("sent", "sent"))
    assert [due.channel for due in claim(Scope(NOW, channel="api"), 10).mails] == ["api"]


@pytest.mark.django_db
def test_claim_finds_the_mails_behind_thousands_of_links_by_the_index(smtp: SmtpServer) -> None:
    links = [InvitationFactory() for _ in range(2)]
    Delivery.objects.bulk_create(
        DeliveryFactory.build(invitation=one, channel="api", due_at=NOW - timedelta(hours=1))
        for one in links
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT d.id FROM surveys_delivery d WHERE d.status = 'queued'"
            " AND d.channel = 'mail' AND d.due_at <= now() ORDER BY d.due_at, d.id LIMIT 100"
        )
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "delivery_queue_of_channel" in plan
    assert "Sort" not in plan


@pytest.mark.django_db
def test_deliverability_counts_each_survey_under_its_channel() -> None:
    for channel, status in (("mail", "sent"), ("api", "sent"), ("api", "failed"), ("", "sent")):
        invitation = InvitationFactory(status=status, sent_at=NOW)
        if channel:
            DeliveryFactory(invitation=invitation, channel=channel, status=status)
    found = deliverability(NOW - timedelta(days=1), NOW + timedelta(days=1), "UTC")
    assert [(line.channel, line.sent, line.delivered, line.refused) for line in found.channels] == [
        ("api", 2, 1, 1),
        ("mail", 2, 2, 0),
    ]
    assert found.totals.sent == 2
