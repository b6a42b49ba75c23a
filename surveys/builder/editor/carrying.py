"""Carries out what one post of the editor asks for: its changed fields, then its button."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html
from msgspec.structs import replace

from surveys.builder.editor import posted
from surveys.builder.editor.fields import Kept
from surveys.console.figures import moment
from surveys.models import Questionnaire, User
from surveys.questionnaire import operations as ops
from surveys.questionnaire.editing import EditError, clean, fingerprint, value_at
from surveys.questionnaire.places import Document, item_at, items_of
from surveys.services import drafts
from surveys.services.archiving import ArchivedError
from surveys.services.drafts import Applied, Conflict


@dataclass(frozen=True, slots=True)
class Refusal:
    """A button whose work was not done: why, what somebody else did, and how to insist."""

    message: str
    story: str = ""
    insist: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of one post. ``kept``: fields that could not be stored, by their name. ``seen``:
    what each field's author knows to stand there; what somebody else wrote meanwhile is not it."""

    place: str
    language: str
    revision: int
    message: str = ""
    focus: tuple[str, ...] = ()
    kept: dict[str, Kept] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    merged: bool = False
    structural: bool = False
    undoable: bool = False
    archived: bool = False

    @property
    def status(self) -> int:
        """200 where all was done, 409 on a conflict or in an archived questionnaire, 422 on what
        cannot be."""
        if self.archived:
            return 409
        conflicts = any(kept.theirs is not None for kept in self.kept.values())
        if conflicts or (self.refusal and self.refusal.story):
            return 409
        return 422 if self.kept or self.refusal else 200


def carry_out(
    questionnaire: Questionnaire, post: QueryDict, user: User, now: dt.datetime
) -> Outcome:
    """Do what was posted, as far as it can be done; never raises for what a person may post."""
    raw = post.get("revision", "")[:9]
    outcome = Outcome(
        place=post.get("at", "")[:80],
        language=post.get("lang", "")[:16],
        revision=int(raw) if raw.isascii() and raw.isdigit() else 0,
        structural=any(name in post for name in ("over", "theirs")),
    )
    outcome.seen = {key[2:]: post.get(key, "") for key in post if key.startswith("w:")}
    desk = _Desk(questionnaire, user, now, outcome)
    for change in posted.changes(post, outcome.language):
        if isinstance(change, posted.Change):
            desk.change(change)
        else:
            name, error = change
            outcome.kept[name] = Kept(post.get(name, ""), post.get(f"w:{name}", ""), error.message)
    try:
        button = posted.button(post)
    except EditError as error:
        outcome.refusal, outcome.structural = Refusal(error.message), True
        return outcome
    if button is not None:
        outcome.structural = True
        desk.press(button)
    return outcome


@dataclass(frozen=True, slots=True)
class _Desk:
    questionnaire: Questionnaire
    user: User
    now: dt.datetime
    outcome: Outcome

    def change(self, change: posted.Change) -> None:
        try:
            self._done(self._apply(change.operation))
        except Conflict as conflict:
            self.outcome.kept[change.name] = Kept(
                change.value,
                change.was,
                conflict.message,
                conflict.theirs if conflict.theirs is not None else "",
                story_of(conflict, self.user),
            )
        except ArchivedError as error:
            self.outcome.kept[change.name] = Kept(change.value, change.was, "Not saved.")
            self._rests(error)
        except EditError as error:
            self.outcome.kept[change.name] = Kept(change.value, change.was, error.message)
        else:
            self.outcome.seen[change.name] = _known(change.operation)

    def press(self, button: ops.Operation | str) -> None:
        before = drafts.look(self.questionnaire, self.now).definition
        try:
            applied = self._go(button) if isinstance(button, str) else self._insisting(button)
        except Conflict as conflict:
            insist = button if isinstance(button, str) else without_was(button)
            self.outcome.refusal = Refusal(conflict.message, story_of(conflict, self.user), insist)
        except ArchivedError as error:
            self._rests(error)
        except EditError as error:
            self.outcome.refusal = Refusal(error.message)
        else:
            self._done(applied)
            self._show(button, applied, before)

    def _rests(self, error: ArchivedError) -> None:
        self.outcome.refusal, self.outcome.archived = Refusal(error.message), True

    def _go(self, button: str) -> Applied:
        step = drafts.undo if button == "undo" else drafts.redo
        return step(
            self.questionnaire.pk,
            base_revision=self.outcome.revision,
            user=self.user,
            now=self.now,
        )

    def _insisting(self, operation: ops.Operation) -> Applied:
        """What this user changed themselves since the page was made contradicts nobody."""
        try:
            return self._apply(operation)
        except Conflict as conflict:
            fresh = _seen_now(operation, drafts.look(self.questionnaire, self.now).definition)
            if conflict.who != self.user or fresh is None:
                raise
            return self._apply(fresh)

    def _apply(self, operation: ops.Operation) -> Applied:
        return drafts.apply(
            self.questionnaire.pk,
            operation,
            base_revision=self.outcome.revision,
            user=self.user,
            now=self.now,
        )

    def _done(self, applied: Applied) -> None:
        self.outcome.merged |= applied.merged
        self.outcome.revision = applied.revision
        self.outcome.message = applied.summary

    def _show(self, button: ops.Operation | str, applied: Applied, before: Document) -> None:
        """Which place is shown next, and where the keyboard goes."""
        outcome, after = self.outcome, applied.draft.definition
        if isinstance(button, ops.AddItem | ops.DuplicateItem):
            outcome.place = applied.place
            outcome.focus = (f"{applied.place}-stem",)
        elif isinstance(button, ops.DeleteItem):
            outcome.undoable = True
            if outcome.place == button.item:
                outcome.place = _neighbour(before, button.item, after)
            outcome.focus = (f"row-{outcome.place}",)
        elif isinstance(button, ops.RemoveBlock):
            outcome.place, outcome.undoable = "settings", True
        elif isinstance(button, ops.MoveOption):
            up, down = f"option-{button.to}-up", f"option-{button.to}-down"
            outcome.focus = (up, down) if button.to < button.value else (down, up)
        elif isinstance(button, ops.AddOption):
            n_options = len(value_at(after, f"{button.item}.options"))
            fresh = next(
                (n for n in range(n_options, 0, -1) if _is_blank(after, button.item, n)), n_options
            )
            outcome.focus = (f"{button.item}-options-{fresh}-label",)
        elif isinstance(button, str):
            came = {i["id"] for i in items_of(after)} - {i["id"] for i in items_of(before)}
            if len(came) == 1:
                outcome.place = came.pop()


def _known(operation: ops.Operation) -> str:
    """What its author knows to stand in a field that was just stored."""
    if isinstance(operation, ops.SetText):
        return clean(operation.text)
    return json.dumps(operation.value if isinstance(operation, ops.SetField) else None)


def _is_blank(document: Document, item: str, value: int) -> bool:
    label = value_at(document, f"{item}.options.{value}.label") or {}
    return not any(label.values())


def _neighbour(before: Document, item_id: str, after: Document) -> str:
    """The question that now stands where another was, or the last of its page, or the page."""
    block, index = item_at(before, item_id)
    left: Any = value_at(after, block["id"])["items"]
    return str(left[min(index, len(left) - 1)]["id"]) if left else str(block["id"])


def _seen_now(operation: ops.Operation, document: Document) -> ops.Operation | None:
    """The operation of somebody who has just looked; None for one that sees nothing."""
    if isinstance(operation, ops.DeleteItem):
        return replace(operation, was=None)
    if isinstance(operation, ops.RemoveBlock):
        return replace(operation, was=fingerprint(value_at(document, operation.block)))
    if isinstance(operation, ops.RemoveOption | ops.MoveOption):
        place = f"{operation.item}.options.{operation.value}"
        return replace(operation, was=fingerprint(value_at(document, place)))
    return None


def without_was(operation: ops.Operation) -> str:
    """The same button for somebody who has been told; "" where looking again is all there is."""
    if isinstance(operation, ops.DeleteItem | ops.MoveItem):
        return ops.encode_operation(replace(operation, was=None))
    return ""


def story_of(conflict: Conflict, user: User) -> str:
    """Who changed what and when, as a sentence; the browser tells the time in its own zone."""
    what = conflict.what[:1].lower() + conflict.what[1:] or "changed the draft"
    return format_html(
        '{} {}, <time datetime="{}" data-moment>{}</time>.',
        name_of(conflict.who, user),
        what,
        conflict.when.isoformat(),
        moment(conflict.when),
    )


def name_of(who: User | None, user: User) -> str:
    if who is None:
        return "Somebody"
    return "You, in another window," if who == user else who.name or who.email
