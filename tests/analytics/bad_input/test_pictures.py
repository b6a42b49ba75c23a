"""Pictures at addresses of their own, of what nobody would draw: a picture that says so."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from PIL import Image

from analytics.aggregates import apply_all
from analytics.console.static_pictures import PICTURES
from surveys.models import Cause, User
from tests.analytics.answered import answer
from tests.factories import NOW, AgentFactory, CauseFactory, InvitationFactory, ResolutionFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
QUESTIONS = ("", "from=2031-01-01", "to=1999-12-31", "from=2026-11-02&to=2026-11-02", "by=resolved")


@pytest.fixture(params=[0, 1, 12], ids=["nobody", "one", "all-the-same"])
def manager(request: pytest.FixtureRequest) -> Client:
    agent, cause = AgentFactory.create(), CauseFactory.create()
    for _ in range(request.param):
        resolution = ResolutionFactory.create(agents=[agent], cause=cause, resolved_at=NOW)
        asked = InvitationFactory.create(resolution=resolution, sent_at=NOW)
        answer(asked, at=NOW, f1=5, f2=5, c1=5, c2=5, c3=1, o1=5)
    apply_all()
    return client_of(User.Role.MANAGER)


@pytest.mark.parametrize("query", QUESTIONS)
def test_every_picture_is_drawn_or_says_why_not(manager: Client, query: str) -> None:
    for name in PICTURES:
        own = f"&cause={Cause.objects.get().code}" if name == "cause" else ""
        for width in ("", "&width=narrow"):
            path = f"?{query}{own}{width}"
            answered = manager.get(f"/charts/{name}.svg{path}")
            assert answered.status_code == 200, name
            svg = answered.content.decode()
            assert not re.search(r"\b(nan|inf|none)\b", re.sub(r'"none"', "", svg), re.IGNORECASE)
            assert re.search(r"<text[^>]*>[^<]*\w{3}", svg), name
        png = manager.get(f"/charts/{name}.png?{query}{own}").content
        assert Image.open(io.BytesIO(png)).width > 300
