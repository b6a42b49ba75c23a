"""Settings: who may sign in, which keys exist, what is configured. No secret is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from surveys.console.inbox import catches_mail, directory
from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import ApiKey, Cause, Suppression, User, WebhookEndpoint
from surveys.services import keys


@dataclass(frozen=True)
class UserLine:
    email: str
    name: str
    role: str
    belongs_to: str
    is_active: bool
    is_sample: bool


def _users() -> list[UserLine]:
    users: QuerySet[User] = User.objects.select_related("team", "agent").order_by("role", "email")
    return [
        UserLine(
            user.email,
            user.name,
            "Admin" if user.is_superuser else user.get_role_display(),
            str(user.agent or user.team or ""),
            user.is_active,
            user.is_sample,
        )
        for user in users
    ]


def _configuration() -> list[tuple[str, str]]:
    mail = f"caught in {directory()}" if catches_mail() else "sent by the configured mail server"
    return [
        ("Address in mails", settings.SITE_URL),
        ("Company", settings.COMPANY_NAME),
        ("Sender", settings.DEFAULT_FROM_EMAIL),
        ("Mail", mail),
        ("Mails come back to", settings.BOUNCE_ADDRESS or "the sender, and are not read"),
        ("Home", str(settings.HOME)),
    ]


@require_safe
@staff(ADMINS)
def settings_page(request: StaffRequest) -> HttpResponse:
    """Users, keys, the suppression list's size, and the configuration."""
    context = {
        "users": _users(),
        "keys": list(ApiKey.objects.order_by("revoked_at", "-created_at")),
        "n_suppressed": Suppression.objects.count(),
        "n_webhooks_off": WebhookEndpoint.objects.exclude(disabled_at=None).count(),
        **Cause.objects.filter(merged_into=None).aggregate(
            n_causes=Count("pk"), n_unmapped=Count("pk", filter=Q(mapped_at=None))
        ),
        "configuration": _configuration(),
    }
    return render_page(request, "console/settings.html", context, current="settings")


@require_POST
@staff(ADMINS)
def revoke_key(request: StaffRequest, pk: int) -> HttpResponse:
    """Close a key for good."""
    try:
        key = ApiKey.objects.get(pk=pk)
    except ApiKey.DoesNotExist:
        raise Http404("No such key.") from None
    keys.revoke(key)
    messages.success(request, f"The key {key.name} is revoked and opens nothing any more.")
    return HttpResponseRedirect(reverse("settings"))
