"""Remember when each fact of a customer and an agent was told, so that reports arriving in any
order leave the newest. One column per fact: a report often carries only some of them."""

from typing import ClassVar

from django.db import migrations, models


def _told(model: str, fact: str) -> migrations.AddField:
    return migrations.AddField(model, f"{fact}_at", models.DateTimeField(null=True, blank=True))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0002_published_versions_are_immutable")]
    operations: ClassVar = [
        *[_told("customer", fact) for fact in ("name", "language", "timezone", "external_id")],
        *[_told("agent", fact) for fact in ("name", "email", "team")],
    ]
