"""Who is asking: an API key in the Authorization header, or a member of staff reading."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from surveys.models import ApiKey, User
from surveys.services import keys


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer KEY``. ``request.auth`` is the ApiKey."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        header = request.headers.get("Authorization", "")
        word, _, secret = header.partition(" ")
        if word.lower() != "bearer":
            if header:
                raise AuthenticationFailed('Send the key as "Authorization: Bearer KEY".')
            return None
        key = keys.find(secret.strip())
        if key is None:
            raise AuthenticationFailed("This key is not known or was revoked.")
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class StaffReading(SessionAuthentication):
    """A signed-in member of staff; what they may read follows from their role (HasScope)."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        user = getattr(request._request, "user", None)
        if not isinstance(user, User) or not user.is_active:
            return None
        return user, None
