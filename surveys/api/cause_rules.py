"""Rules by which cases get their causes: tried out, kept in order, applied to the past."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_cause_rules as described
from surveys.api.base import one, page
from surveys.api.bodies import body_of, decode
from surveys.api.causes import change_told
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import (
    LARGEST,
    Doing,
    Nothing,
    author_of,
    fault,
    named,
    numbered,
    refusing,
    storable,
)
from surveys.api.paging import page_of_list
from surveys.models import Cause, CauseRule
from surveys.services import cause_history, cause_rule_list
from surveys.services.cause_history import Reach
from surveys.services.cause_moves import CauseError
from surveys.services.cause_rule_list import Wish

_LIMITS: Final = {"what": 20, "how": 20, "text": 200, "cause": 200, "source": 100, "within": 200}


class NewRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A rule to be."""

    what: str
    how: str
    text: str
    cause: str
    source: str = ""
    within: str = ""


class ChangedRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    what: str | UnsetType = UNSET
    how: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    cause: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    within: str | UnsetType = UNSET


class TriedRule(NewRule, kw_only=True):
    """A rule looked at beside the newest cases, as a new one or in another's place."""

    instead_of: int | None = None


class Move(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One place earlier (-1) or later (1)."""

    step: Literal[-1, 1]


class Split(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What of a cause becomes another one."""

    what: str
    how: str
    text: str
    into: str
    name: str = ""
    source: str = ""


class Rules(Doing):
    """`/cause-rules/`"""

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        shown, following = page_of_list(request, list(_every().order_by("position", "pk")))
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: NewRule) -> Any:
            with _faults():
                return _described(cause_rule_list.add(_wish(sent), author_of(request)))

        return self.done(request, NewRule, effect)


class Try(Doing):
    """`/cause-rules/try/`"""

    @extend_schema(**described.TRY)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: TriedRule) -> Any:
            with _faults():
                draft = cause_rule_list.read(_wish(sent))
            if sent.instead_of is not None:
                if not _every().filter(pk__in=[min(sent.instead_of, 2**63 - 1)]).exists():
                    raise fault("instead_of", "must be the id of a rule")
                draft.pk = sent.instead_of
            return _tried(draft)

        return self.done(request, TriedRule, effect, status=200)


class OneRule(Doing):
    """`/cause-rules/{number}/`"""

    @extend_schema(**described.READ)
    def get(self, request: Request, number: int) -> Response:
        return one(_described(_found(number)))

    @extend_schema(**described.CHANGE)
    @transaction.atomic
    def patch(self, request: Request, number: int) -> Response:
        sent = decode(body_of(request, largest=LARGEST), ChangedRule)
        told = _described(_locked(request, number))
        wanted = {name: told[name] or "" for name in _LIMITS} | msgspec.to_builtins(sent)
        if {name: told[name] or "" for name in _LIMITS} != wanted:
            with _faults():
                cause_rule_list.change(number, _wish(NewRule(**wanted)), author_of(request))
        return one(_described(_found(number)))

    @extend_schema(**described.REMOVE)
    @transaction.atomic
    def delete(self, request: Request, number: int) -> HttpResponse:
        _locked(request, number)
        cause_rule_list.delete(number, timezone.now(), author_of(request))
        return HttpResponse(status=204)


class MoveRule(Doing):
    """`/cause-rules/{number}/move/`"""

    @extend_schema(**described.MOVE)
    def post(self, request: Request, number: int) -> HttpResponse:
        _found(number)

        def effect(sent: Move) -> Any:
            with refusing(CauseRule.DoesNotExist, status=404):
                cause_rule_list.move(number, sent.step, author_of(request))
            return _described(_found(number))

        return self.done(request, Move, effect, status=200)


class Applying(Doing):
    """`/cause-rules/{number}/apply/`"""

    @extend_schema(**described.REACH)
    def get(self, request: Request, number: int) -> Response:
        rule, known = _found(number), cause_history.trial_rules()
        own = next(each for each in known if each.id == rule.pk)
        return one(_reach(cause_history.reach(own, known)))

    @extend_schema(**described.APPLY)
    def post(self, request: Request, number: int) -> HttpResponse:
        _found(number)

        def effect(_: Nothing) -> Any:
            with refusing(CauseError):
                return change_told(cause_history.apply(number, timezone.now(), author_of(request)))

        return self.done(request, Nothing, effect)


class Splitting(Doing):
    """`/causes/{code}/split/`"""

    @extend_schema(**described.SPLIT_REACH)
    def get(self, request: Request, code: str) -> Response:
        cause = named(Cause.objects.all(), "cause", code=code)
        words = {name: request.query_params.get(name, "") for name in Split.__struct_fields__}
        sent = Split(**words)
        wish = _split_wish(sent, cause)
        with _faults():
            return one(_reach(cause_history.split_reach(wish, sent.name)))

    @extend_schema(**described.SPLIT)
    def post(self, request: Request, code: str) -> HttpResponse:
        cause = named(Cause.objects.all(), "cause", code=code)

        def effect(sent: Split) -> Any:
            wish = _split_wish(sent, cause)
            with _faults():
                cause_history.split_reach(wish, sent.name)
            with refusing(CauseError):
                return change_told(
                    cause_history.split(wish, sent.name, timezone.now(), author_of(request))
                )

        return self.done(request, Split, effect)


def _faults() -> Any:
    """A rule that makes no sense: which of its fields, the words say."""
    return refusing(CauseError, field="rule")


def _wish(sent: NewRule) -> Wish:
    words = {name: getattr(sent, name) for name in _LIMITS}
    for name, limit in _LIMITS.items():
        storable(name, words[name], limit)
    _known(sent.what, sent.how)
    return Wish(**words)


def _split_wish(sent: Split, cause: Cause) -> Wish:
    for name in ("what", "how", "text", "into", "name", "source"):
        storable(name, getattr(sent, name), 200)
    _known(sent.what, sent.how)
    return Wish(sent.what, sent.how, sent.text, sent.into, sent.source, cause.code)


def _known(what: str, how: str) -> None:
    if what not in CauseRule.What.values:
        raise fault("what", f"must be one of {', '.join(CauseRule.What.values)}")
    if how not in CauseRule.How.values:
        raise fault("how", f"must be one of {', '.join(CauseRule.How.values)}")


def _every() -> QuerySet[CauseRule]:
    return CauseRule.objects.select_related("cause", "within").filter(deleted_at=None)


def _found(number: int) -> CauseRule:
    return numbered(_every(), number, "rule")


def _locked(request: Request, number: int) -> CauseRule:
    CauseRule.objects.select_for_update(of=("self",)).filter(pk=_found(number).pk).first()
    rule = _found(number)
    demand_unchanged(request, _described(rule))
    return rule


def _described(rule: CauseRule) -> dict[str, Any]:
    return {
        "id": rule.pk,
        "what": rule.what,
        "how": rule.how,
        "text": rule.text,
        "cause": rule.cause.code,
        "source": rule.source,
        "within": rule.within.code if rule.within else "",
        "words": cause_rule_list.words(rule),
    }


def _tried(draft: CauseRule) -> dict[str, Any]:
    trial = cause_history.try_out(cause_history.trial_rules(draft))
    own = draft.pk or 0
    changed = [each for each in trial.changed if each.rule == own]
    return {
        "n_tried": trial.n_tried,
        "n_without": trial.n_without,
        "n_changed": len(changed),
        "changed": [
            {
                "external_id": each.past.external_id,
                "subject": each.past.subject,
                "cause": each.past.cause,
                "becomes": each.becomes,
            }
            for each in changed
        ],
    }


def _reach(found: Reach) -> dict[str, Any]:
    return {
        "n_cases": found.n_cases,
        "n_answers": found.n_answers,
        "examples": [
            {"external_id": past.external_id, "subject": past.subject, "cause": past.cause}
            for past in found.examples
        ],
    }
