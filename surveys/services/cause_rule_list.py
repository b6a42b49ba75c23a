"""The rules of causes as a list: made, changed, moved, deleted, and each of that undone.

What a rule does to cases of the past is another step, see `cause_history`: here only what arrives
from now on is decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from surveys.models import Cause, CauseChange, CauseRule
from surveys.services.authors import Author, signed
from surveys.services.cause_moves import CauseError
from surveys.services.cause_rules import Rule, plain
from surveys.services.intake_sql import rows

#: Each is tried at every case that came without a cause.
MOST_RULES: Final = 500
_LIST: Final = 7_205_762
_KEPT: Final = ("position", "what", "how", "text", "source", "within_id", "cause_id", "path")


@dataclass(frozen=True, slots=True)
class Wish:
    """A rule as somebody writes it; causes by code, `within` and `source` may be empty; `path` is
    for a field of the body alone."""

    what: str
    how: str
    text: str
    cause: str
    source: str = ""
    within: str = ""
    path: str = ""


def load() -> list[Rule]:
    """The rules as they decide now, in order."""
    found = rows(
        "SELECT r.id, r.what, r.how, r.text, r.source,"
        " COALESCE(w.merged_into_id, w.id), COALESCE(c.merged_into_id, c.id), r.path"
        " FROM surveys_causerule r JOIN surveys_cause c ON c.id = r.cause_id"
        " LEFT JOIN surveys_cause w ON w.id = r.within_id"
        " WHERE r.deleted_at IS NULL ORDER BY r.position, r.id"
    )
    return [Rule(row[0], row[1], row[2], plain(row[3]), *row[4:]) for row in found]


def read(wish: Wish) -> CauseRule:
    """The rule that is wished for, unsaved.

    Raises: CauseError.
    """
    text = " ".join(wish.text.split())
    if wish.what not in CauseRule.What.values or wish.how not in CauseRule.How.values:
        raise CauseError("Choose what the rule looks at, and how.")
    if not text or len(text) > 200 or "\x00" in text:
        raise CauseError("Write what to look for, in 1 to 200 characters.")
    if wish.how == CauseRule.How.MATCHES and not plain(text).strip("*? "):
        raise CauseError(
            "A pattern of stars alone fits everything: write some letters beside them."
        )
    if len(wish.source) > 100 or "\x00" in wish.source:
        raise CauseError("Choose one of the connections.")
    path = _path(wish)
    cause, within = _cause(wish.cause), _cause(wish.within) if wish.within else None
    if cause == within:
        raise CauseError("A rule that leaves the cause as it is changes nothing.")
    return CauseRule(
        what=wish.what,
        how=wish.how,
        text=text,
        source=wish.source,
        within=within,
        cause=cause,
        path=path,
    )


def _path(wish: Wish) -> str:
    """Where the field stands; empty for what is no field of the body."""
    if wish.what != CauseRule.What.FIELD:
        return ""
    path = wish.path.strip()
    if not 1 <= len(path) <= 200 or "\x00" in path:
        raise CauseError(
            "Name the field by where it stands in the body, such as ticket.custom_fields.reason."
        )
    return path


def deciding(rule: CauseRule) -> Rule:
    """A rule that need not be saved, as it would decide."""
    return Rule(
        rule.pk or 0, rule.what, rule.how, plain(rule.text), rule.source,
        rule.within_id, rule.cause_id, rule.path,
    )  # fmt: skip


@transaction.atomic
def add(wish: Wish, by: Author = None, *, first: bool = False) -> CauseRule:
    """A new rule, tried last; one that splits a cause first, as it is the narrower.

    Raises: CauseError.
    """
    rule = read(wish)
    known = _locked()
    if len(known) >= MOST_RULES:
        raise CauseError(f"There are {MOST_RULES} rules already; delete one first.")
    rule.position = known[-1].position + 1 if known else 0
    rule.save()
    if first:
        _number([rule, *known])
    _log(rule, "", words(rule), None, by)
    return rule


@transaction.atomic
def change(pk: int, wish: Wish, by: Author = None) -> CauseRule:
    """Say anew what a rule does; its place stays.

    Raises: CauseRule.DoesNotExist, CauseError.
    """
    rule = _one(pk)
    before, was, new = words(rule), _state(rule), read(wish)
    for name in _KEPT[1:]:
        setattr(rule, name, getattr(new, name))
    if _state(rule) == was:
        raise CauseError("The rule says that already.")
    rule.save()
    rule = CauseRule.objects.select_related("cause", "within").get(pk=pk)
    _log(rule, before, words(rule), was, by)
    return rule


@transaction.atomic
def delete(pk: int, now: dt.datetime, by: Author = None) -> CauseChange:
    """Take a rule away; what it decided stays, and it can be brought back.

    Raises: CauseRule.DoesNotExist.
    """
    rule = _one(pk)
    was = _state(rule)
    rule.deleted_at = now
    rule.save(update_fields=["deleted_at"])
    return _log(rule, words(rule), "", was, by)


@transaction.atomic
def move(pk: int, step: int, by: Author = None) -> bool:
    """Try a rule one place earlier (-1) or later (+1); False where it is at the end already.

    Raises: CauseRule.DoesNotExist.
    """
    known = _locked()
    before = [rule.pk for rule in known]
    if pk not in before:
        raise CauseRule.DoesNotExist
    rule = known.pop(before.index(pk))
    known.insert(min(max(before.index(pk) + step, 0), len(known)), rule)
    if [one.pk for one in known] == before:
        return False
    _number(known)
    CauseChange.objects.create(
        kind=CauseChange.Kind.ORDERED,
        code=rule.cause.code,
        before=words(rule),
        after="earlier" if step < 0 else "later",
        was={"order": before},
        **signed(by),
    )
    return True


def undo_rule(entry: CauseChange, now: dt.datetime) -> None:
    """Take an addition, a change or a deletion back.

    Raises: CauseError.
    """
    rule = CauseRule.objects.select_for_update(of=("self",)).filter(pk=entry.was["rule"]).first()
    later = CauseChange.objects.filter(
        kind=CauseChange.Kind.RULED, was__rule=entry.was["rule"], pk__gt=entry.pk, undone_by=None
    )
    if rule is None or later.exists():
        raise CauseError("That rule was changed again since; undo that first.")
    was: dict[str, Any] | None = entry.was["state"]
    if was is None:
        rule.deleted_at = now
    else:
        causes = set(Cause.objects.values_list("pk", flat=True).filter(pk__in=[was["cause_id"]]))
        if was["cause_id"] not in causes:
            raise CauseError("The cause of that rule is gone.")
        rule.deleted_at = None
        for name, value in was.items():
            setattr(rule, name, value)
    rule.save()


def undo_order(entry: CauseChange) -> None:
    """Put the rules in the order before; those added since come last."""
    places = {pk: place for place, pk in enumerate(entry.was["order"])}
    _number(sorted(_locked(), key=lambda rule: places.get(rule.pk, len(places))))


def words(rule: CauseRule) -> str:
    """A rule as a sentence of at most 200 characters."""
    told = f"{rule.where} {rule.get_how_display()} “{rule.text}”"
    if rule.source:
        told += f", from {rule.source}"
    if rule.within:
        told += f", of “{rule.within.code}”"
    return told if len(told) <= 200 else f"{told[:199]}…"


def _cause(code: str) -> Cause:
    found = Cause.objects.select_related("merged_into").filter(code=code).first()
    if found is None:
        raise CauseError(f"There is no cause “{code}”." if code else "Choose the cause it gives.")
    return found.merged_into or found


def _one(pk: int) -> CauseRule:
    held = CauseRule.objects.select_for_update(of=("self",)).select_related("cause", "within")
    return held.get(pk=pk, deleted_at=None)


def _locked() -> list[CauseRule]:
    """All rules in order, held until the end; one list-keeper at a time."""
    rows("SELECT pg_advisory_xact_lock(%s)", _LIST)
    found = CauseRule.objects.select_related("cause", "within").filter(deleted_at=None)
    return list(found.order_by("position", "pk"))


def _number(rules: Sequence[CauseRule]) -> None:
    for place, rule in enumerate(rules):
        if rule.position != place:
            rule.position = place
            rule.save(update_fields=["position"])


def _state(rule: CauseRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in _KEPT}


def _log(
    rule: CauseRule, before: str, after: str, was: dict[str, Any] | None, by: Author
) -> CauseChange:
    return CauseChange.objects.create(
        kind=CauseChange.Kind.RULED,
        code=rule.cause.code,
        before=before,
        after=after,
        was={"rule": rule.pk, "state": was},
        **signed(by),
    )
