"""Signed-in members of staff, one of each role, as the tests of staff pages need them."""

from __future__ import annotations

from typing import Any

import factory
from django.test import Client

from surveys.models import User
from tests.factories import UserFactory

# Nobody signs in by password here, and hashing one takes longer than most tests.
NO_PASSWORD = factory.Transformer.Force("!")
BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(role: str, **fields: Any) -> Client:
    """A client signed in as a new user of the role."""
    user: User = UserFactory(role=role, password=NO_PASSWORD, **fields)
    client = Client()
    client.force_login(user, BACKEND)
    return client
