"""Who may write actions down, and the form they do it with."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet

from analytics.actions import ActionError, Wish
from analytics.registered import Action
from surveys.console.choices import Options, choices_for, visible_cause
from surveys.console.roles import ADMINS, CAUSES, IDENTITIES, role_of
from surveys.models import Cause, User
from surveys.services.access import Scope

#: An analyst reads actions; who answers for causes registers them.
WRITERS: Final = IDENTITIES | {User.Role.CAUSE_OWNER}
_DAY: Final = "Give a day such as 2026-03-31."


def may_register(user: User) -> bool:
    """Whether somebody of this role registers actions, of the causes that they see."""
    return role_of(user) in WRITERS


class ActionForm(forms.Form):
    """An action; its cause is chosen once, when it is registered."""

    cause = forms.CharField(
        label="Cause", max_length=200, error_messages={"required": "Choose the cause."}
    )
    title = forms.CharField(
        label="What is done",
        max_length=200,
        error_messages={"required": "Say what is done, in a few words."},
    )
    text = forms.CharField(
        label="How, and why it should help",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    owner = forms.ChoiceField(label="Who answers for it", required=False)
    began_on = forms.DateField(
        label="First day",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the first day.", "invalid": _DAY},
    )
    done_on = forms.DateField(
        label="Last day of the roll-out",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _DAY},
    )
    note = forms.CharField(label="Why the days change", required=False, max_length=500)

    def __init__(
        self, *args: Any, user: User, scope: Scope, action: Action | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._scope, self._action = scope, action
        self.found: Cause | None = None
        self.causes = [] if action else causes_of(scope)
        if action is not None:
            del self.fields["cause"]
        owners = self.fields["owner"]
        assert isinstance(owners, forms.ChoiceField)  # noqa: S101 -- declared above
        owners.choices = [("", "Nobody"), *_owners(user, action)]

    def clean_cause(self) -> str:
        """A code that the writer may see; one that was merged leads to what it became."""
        code: str = self.cleaned_data["cause"].strip()
        try:
            known = visible_cause(self._scope, code)
        except (Cause.DoesNotExist, ValueError):
            raise forms.ValidationError(f"There is no cause “{code}”.") from None
        self.found = Cause.objects.get(pk=known.id)
        return known.code

    def clean(self) -> dict[str, Any]:
        """A cause owner who answers for an action must be able to see it."""
        cleaned = super().clean() or {}
        owner = _user(cleaned.get("owner"))
        cause = self.found or (cause_of(self._action) if self._action else None)
        if owner is None or cause is None or role_of(owner) != User.Role.CAUSE_OWNER:
            return cleaned
        answers_already = self._action is not None and self._action.owner_id == owner.pk
        if cause.owner_id != owner.pk and not answers_already:
            self.add_error("owner", f"{owner} does not own this cause and would not see it.")
        return cleaned

    def wish(self) -> Wish:
        """What a valid form asks for."""
        asked = self.cleaned_data
        return Wish(
            asked["title"],
            asked["text"],
            _user(asked["owner"]),
            asked["began_on"],
            asked["done_on"],
        )

    def refused(self, error: ActionError) -> None:
        """Show what the service has against it."""
        self.add_error(error.field or None, str(error))


def initial_of(action: Action) -> dict[str, object]:
    """An action as the form shows it first."""
    return {
        "title": action.title,
        "text": action.text,
        "owner": str(action.owner_id or ""),
        "began_on": action.began_on,
        "done_on": action.done_on,
    }


def initial_new(user: User, code: str, today: dt.date) -> dict[str, object]:
    """A new action: of the cause one comes from, answered for by oneself, from today on."""
    return {"cause": code, "owner": str(user.pk), "began_on": today}


def causes_of(scope: Scope) -> Options:
    """The causes that can be chosen; empty where they are too many to list."""
    found = next((one.options for one in choices_for(scope) if one.name == "cause"), [])
    return [] if found and not found[-1][0] else found


def cause_of(action: Action) -> Cause:
    """What an action counts for: its cause, or what that became."""
    return action.cause.merged_into or action.cause


def visible_actions(scope: Scope) -> QuerySet[Action]:
    """The actions of the causes that a reader may see."""
    found = Action.objects.select_related("cause__merged_into", "owner", "registered_by")
    if not scope.sees_cause or scope.for_strangers:
        return found.none()
    if scope.cause_ids is None:
        return found
    ids = scope.cause_ids
    return found.filter(
        Q(cause__merged_into__isnull=True, cause_id__in=ids) | Q(cause__merged_into_id__in=ids)
    )


def _owners(user: User, action: Action | None) -> Options:
    """Who can answer for an action: those who may see causes; for a cause owner, of their kind only
    themselves, and whoever answers for it already."""
    found = User.objects.filter(is_active=True, role__in=CAUSES)
    if role_of(user) not in IDENTITIES | ADMINS:
        found = found.exclude(Q(role=User.Role.CAUSE_OWNER) & ~Q(pk=user.pk))
    owners = {str(one.pk): str(one) for one in found}
    if action is not None and action.owner is not None:
        owners.setdefault(str(action.owner_id), str(action.owner))
    return sorted(owners.items(), key=lambda one: one[1].casefold())


def _user(pk: str | None) -> User | None:
    return User.objects.filter(pk=int(pk)).first() if pk else None
