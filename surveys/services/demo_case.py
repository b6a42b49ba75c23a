"""An invented case, resolved now, so that a newcomer can see a survey from the customer's side."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from surveys.models import Delivery, Invitation
from surveys.services import intake
from surveys.services.intake_reading import convert_case

SOURCE: Final = "demo"
DOMAIN: Final = "demo.example"
# As a customer would have put it; the mail's subject line names the case in these words.
_SUBJECTS: Final = {
    "en": "No connection after changing my plan",
    "de": "Kein Netz nach dem Tarifwechsel",
    "fr": "Plus de connexion depuis mon changement de forfait",
    "es": "Sin conexión tras cambiar de tarifa",
    "pt": "Sem conexão depois de mudar de plano",
    "it": "Nessuna connessione dopo il cambio di tariffa",
    "nl": "Geen verbinding na het wisselen van abonnement",
    "sv": "Ingen uppkoppling efter byte av abonnemang",
    "pl": "Brak połączenia po zmianie taryfy",
    "tr": "Tarife değişikliğinden sonra bağlantı yok",
    "ar": "انقطع الاتصال بعد تغيير الباقة",
    "he": "אין חיבור אחרי שינוי החבילה",
}


@dataclass(frozen=True)
class DemoOutcome:
    """The case, and whether its survey goes out now; if not, `reason` says why."""

    external_id: str
    is_scheduled: bool
    reason: str


def resolve_demo_case(*, language: str, now: dt.datetime) -> DemoOutcome:
    """Take in a resolved case of a customer never seen before, its survey due at once.

    The policy decides as for any case; only its delay is skipped. The case is sample data.
    """
    number = secrets.token_hex(4)
    report = convert_case(_document(number, language, now), now)
    with transaction.atomic():
        (outcome,) = intake.take([report], now=now, is_sample=True)
        planned = outcome.invitation
        if planned is None or planned.status != Invitation.Status.SCHEDULED:
            reason = planned.reason if planned else "; ".join(words for _, words in outcome.errors)
            return DemoOutcome(number, False, reason)
        _hurry(number, now)
    return DemoOutcome(number, True, "")


def _document(number: str, language: str, now: dt.datetime) -> dict[str, object]:
    return {
        "source": SOURCE,
        "external_id": number,
        "status": "resolved",
        "opened_at": (now - dt.timedelta(hours=3)).isoformat(),
        "resolved_at": now.isoformat(),
        "customer": {
            "email": f"robin-{number}@{DOMAIN}",
            "name": "Robin Sample",
            "language": language,
            "timezone": "UTC",
        },
        "agents": [{"external_id": "agent-amara-okafor", "name": "Amara Okafor"}],
        "team": "Mobile",
        "product": "Mobile",
        "cause": "plan-change",
        "channel": "phone",
        "subject": _SUBJECTS.get(language, _SUBJECTS["en"]),
    }


def _hurry(number: str, now: dt.datetime) -> None:
    invitations = Invitation.objects.filter(
        resolution__case__source=SOURCE, resolution__case__external_id=number
    )
    for invitation in invitations:
        Invitation.objects.filter(pk=invitation.pk).update(due_at=now)
        Delivery.objects.filter(invitation=invitation, kind=Delivery.Kind.INVITATION).update(
            due_at=now
        )
