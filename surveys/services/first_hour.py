"""What an installation still lacks before its first own survey. Read from the data each time: no
step is ticked off by hand, and one that is undone opens again."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from surveys.models import (
    Case,
    Cause,
    Connection,
    HookEvent,
    Policy,
    PreviewLink,
    Team,
    User,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """The steps in their order; `questionnaire` is the one to send oneself, by its slug."""

    is_without_sample: bool
    is_connected: bool
    has_event: bool
    has_mapped_causes: bool
    has_sent_survey: bool
    questionnaire: str

    @property
    def is_done(self) -> bool:
        return all(
            (
                self.is_without_sample,
                self.is_connected,
                self.has_event,
                self.has_mapped_causes,
                self.has_sent_survey,
            )
        )


def progress(user: User) -> Progress:
    """How far it is; a survey sent to oneself is asked of this user."""
    has_case = Case.objects.filter(is_sample=False).exists()
    return Progress(
        is_without_sample=not _has_sample(),
        is_connected=has_case or Connection.objects.filter(deleted_at=None).exists(),
        has_event=has_case or HookEvent.objects.exists(),
        has_mapped_causes=has_case and _causes_are_mapped(),
        has_sent_survey=PreviewLink.objects.filter(created_by=user, is_test_mail=True).exists(),
        questionnaire=_questionnaire(),
    )


def _has_sample() -> bool:
    """Whether a removal would take something away: what cases of one's own came to use stays. Asked
    of the small tables, for there is no index of sample cases."""
    removable = Q(resolution=None) | Q(resolution__is_sample=True)
    return any(model.objects.filter(removable, is_sample=True).exists() for model in (Team, Cause))


def _causes_are_mapped() -> bool:
    own = Cause.objects.filter(is_sample=False, merged_into=None)
    waits = own.filter(mapped_at=None, resolution__isnull=False)
    return own.exclude(mapped_at=None).exists() and not waits.exists()


def _questionnaire() -> str:
    """Of the policy that is tried first among those that survey."""
    found = Policy.objects.filter(enabled=True, questionnaire__archived_at=None)
    slugs = found.order_by("position", "pk").values_list("questionnaire__slug", flat=True)
    return slugs.first() or ""
