"""The checklist of the first hour says what the data says, until it is done or put away."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from surveys.models import Case, Invitation, PreviewLink, Response, Team, User
from surveys.services import connections
from surveys.services.first_hour import progress
from surveys.services.publishing import ensure_defaults
from tests.factories import (
    CaseFactory,
    CauseFactory,
    PolicyFactory,
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)
from tests.smtp_server import SmtpServer
from tests.surveys.services.conftest import smtp  # noqa: F401 -- a fixture
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
TITLE = "Your first hour"


def _done(client: Client) -> list[bool]:
    return [step.is_done for step in client.get("/").context["first_hour"]]


def test_each_step_follows_the_data_and_opens_again_with_it() -> None:
    TeamFactory.create(is_sample=True)
    admin = client_of("admin")
    assert _done(admin) == [False] * 5
    desk = connections.make("generic")
    assert _done(admin) == [False, True, False, False, False]
    desk.deleted_at = desk.created_at
    desk.save()
    assert _done(admin) == [False] * 5
    Team.objects.update(is_sample=False)
    waits = CauseFactory.create(mapped_at=None)
    CauseFactory.create()
    ResolutionFactory.create(cause=waits, case=CaseFactory.create())
    assert _done(admin) == [True, True, True, False, False]
    waits.mapped_at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    waits.save()
    assert _done(admin) == [True, True, True, True, False]


def test_what_an_own_case_uses_of_the_sample_is_nothing_left_to_remove() -> None:
    team = TeamFactory.create(is_sample=True)
    ResolutionFactory.create(case=CaseFactory.create(), team=team)
    admin = UserFactory.create(role="admin")
    assert progress(admin).is_without_sample
    ResolutionFactory.create(case=CaseFactory.create(), team=team, is_sample=True)
    assert not progress(admin).is_without_sample


def test_sample_cases_are_no_first_event() -> None:
    ResolutionFactory.create(case=CaseFactory.create(is_sample=True))
    found = progress(UserFactory.create(role="admin"))
    assert (found.has_event, found.has_mapped_causes) == (False, False)


def test_the_survey_goes_to_the_admin_marked_and_is_never_counted(
    smtp: SmtpServer,  # noqa: F811
) -> None:
    ensure_defaults()
    admin = client_of("admin", email="ada@example.org")
    page = admin.get("/").content.decode()
    send = "/questionnaires/default/mail/test/"
    assert f'action="{send}"' in page
    assert "To ada@example.org." in page
    assert admin.post(send, {"from": "checklist"})["Location"] == "/"
    assert smtp.recipients == ["ada@example.org"]
    assert PreviewLink.objects.get().is_test_mail
    assert _done(admin)[-1]
    for model in (Case, Invitation, Response):
        assert not model.objects.exists()


def test_the_checklist_is_put_away_and_shown_again() -> None:
    admin = client_of("admin")
    assert TITLE in admin.get("/").content.decode()
    admin.post("/settings/checklist/", {"to": "hide"})
    assert TITLE not in admin.get("/").content.decode()
    assert "Show it on the overview" in admin.get("/settings/").content.decode()
    admin.post("/settings/checklist/", {"to": "show"})
    assert TITLE in admin.get("/").content.decode()


def test_nobody_else_is_asked_to_set_up() -> None:
    assert TITLE not in client_of("manager").get("/").content.decode()


def test_all_done_it_is_gone() -> None:
    admin = client_of("admin")
    policy = PolicyFactory.create()
    ResolutionFactory.create(case=CaseFactory.create())
    Team.objects.update(is_sample=False)
    PreviewLink.objects.create(
        questionnaire=policy.questionnaire,
        token_hash=b"x" * 32,
        created_by=User.objects.get(role="admin"),
        expires_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
        is_test_mail=True,
    )
    assert admin.get("/").context["first_hour"] == []


def test_the_sample_is_removed_only_after_a_question() -> None:
    CaseFactory.create(is_sample=True)
    CaseFactory.create()
    admin = client_of("admin")
    page = admin.get("/demo/sample/remove/").content.decode()
    assert "1 invented case" in page
    assert Case.objects.count() == 2
    admin.post("/demo/sample/remove/")
    assert Case.objects.count() == 1
