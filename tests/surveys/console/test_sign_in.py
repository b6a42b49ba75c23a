"""Signing in and out, and what a guesser meets."""

from __future__ import annotations

import pytest
from django.test import Client

from surveys.models import User
from tests.factories import UserFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db

PASSWORD = "a good password"


def post(client: Client, email: str, password: str, **extra: str) -> int:
    form = {"username": email, "password": password}
    return client.post("/login/", form, **extra).status_code  # type: ignore[arg-type]


def test_sign_in_takes_an_address_in_any_case() -> None:
    UserFactory(email="ada@example.org")
    assert post(Client(), "Ada@Example.ORG ", PASSWORD) == 302


def test_sign_in_leads_where_the_reader_wanted_to_go() -> None:
    UserFactory(email="ada@example.org")
    form = {"username": "ada@example.org", "password": PASSWORD, "next": "/causes/?from=2026-01-01"}
    assert Client().post("/login/", form)["Location"] == "/causes/?from=2026-01-01"


def test_sign_in_never_leads_to_another_site() -> None:
    UserFactory(email="ada@example.org")
    form = {"username": "ada@example.org", "password": PASSWORD, "next": "//evil.example/"}
    assert Client().post("/login/", form)["Location"] == "/"


def test_a_wrong_password_is_said_in_words_and_names_neither_half() -> None:
    UserFactory(email="ada@example.org")
    page = Client().post("/login/", {"username": "ada@example.org", "password": "no"})
    assert "This e-mail and password do not belong together." in page.content.decode()


def test_a_user_switched_off_cannot_sign_in() -> None:
    UserFactory(email="ada@example.org", is_active=False)
    assert post(Client(), "ada@example.org", PASSWORD) == 200


def test_a_guesser_is_locked_out_and_nobody_else() -> None:
    UserFactory(email="ada@example.org")
    UserFactory(email="bob@example.org")
    guesses = [post(Client(), "ada@example.org", "no") for _ in range(6)]
    assert guesses == [200, 200, 200, 200, 429, 429]
    assert post(Client(), "ada@example.org", PASSWORD) == 429
    assert post(Client(), "ADA@example.org", PASSWORD) == 429
    assert post(Client(), "bob@example.org", PASSWORD) == 302
    assert post(Client(), "ada@example.org", PASSWORD, REMOTE_ADDR="192.0.2.9") == 302


def test_a_lockout_says_what_to_do() -> None:
    for _ in range(5):
        page = Client().post("/login/", {"username": "ada@example.org", "password": "no"})
    assert "closed for 15 minutes" in page.content.decode()


def test_a_link_signs_nobody_out() -> None:
    client = client_of(User.Role.MANAGER)
    assert client.get("/logout/").status_code == 405
    assert client.get("/cases/").status_code == 200


def test_sign_out_ends_the_session() -> None:
    client = client_of(User.Role.MANAGER)
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/cases/")["Location"] == "/login/?next=/cases/"


def test_no_staff_page_is_kept_by_a_cache() -> None:
    page = client_of(User.Role.MANAGER).get("/cases/")
    assert "no-store" in page["Cache-Control"]
