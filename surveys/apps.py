from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SurveysConfig(AppConfig):
    """What happens to one case: it arrives, is surveyed, is answered."""

    name = "surveys"

    def ready(self) -> None:
        post_migrate.connect(_ensure_defaults, sender=self)


def _ensure_defaults(using: str, plan: list[Any] | None = None, **_: Any) -> None:
    # Not in a data migration: a flushed test database must have them again, and a migration
    # would freeze today's questionnaire code into history.
    from surveys.services.publishing import ensure_defaults

    ensure_defaults()
