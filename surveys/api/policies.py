"""Who is surveyed and when."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import conditional
from surveys.api import described_policies as described
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.doing import Nothing
from surveys.api.paging import page_of_list
from surveys.api.permissions import HasScope
from surveys.api.problems import Problem
from surveys.models import Policy
from surveys.services import policies, policy_list
from surveys.services.dry_runs import DryRun, TooSlowError, dry_run
from surveys.services.policies import PolicyChangedError, PolicyFaultsError, PolicyPatch
from surveys.services.policy_list import OrderChangedError, UsedPolicyError

LARGEST: Final = 256 * 1024
_SCOPES: Final = HasScope("cases:read", "questionnaires:write", writing=("questionnaires:write",))
_MOVED_ON: Final = "The policy was changed since it was read; read it again and see what changed."


class Move(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One place earlier (-1) or later (1), from the place it was seen at, counted from 0."""

    step: Literal[-1, 1]
    place: int


class Policies(ApiView):
    """`/policies/`"""

    permission_classes = [_SCOPES]

    @extend_schema(**described.LIST_POLICIES)
    def get(self, request: Request) -> Response:
        found = Policy.objects.select_related("questionnaire", "brand").order_by("position", "pk")
        shown, following = page_of_list(request, list(found))
        return page([policies.describe(each) for each in shown], following)

    @extend_schema(**described.ADD_POLICY)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        patch = decode(body, PolicyPatch)
        missing = [
            (name, "is required")
            for name in ("name", "questionnaire")
            if getattr(patch, name) is UNSET
        ]
        if missing:
            raise Problem(400, "The policy has faults.", errors=missing)

        def effect() -> tuple[int, Any]:
            try:
                return 201, policies.describe(policy_list.create(patch))
            except PolicyFaultsError as error:
                raise Problem(400, "The policy has faults.", errors=error.errors) from error

        return answer_once(request, body, effect)


class Duplicate(ApiView):
    """`/policies/{slug}/duplicate/`"""

    permission_classes = [_SCOPES]

    @extend_schema(**described.DUPLICATE_POLICY)
    def post(self, request: Request, slug: str) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)
        found = _found(slug)

        def effect() -> tuple[int, Any]:
            return 201, policies.describe(policy_list.duplicate(found.slug))

        return answer_once(request, body, effect)


class MovePolicy(ApiView):
    """`/policies/{slug}/move/`"""

    permission_classes = [_SCOPES]

    @extend_schema(**described.MOVE_POLICY)
    def post(self, request: Request, slug: str) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        wanted = decode(body, Move)
        found = _found(slug)

        def effect() -> tuple[int, Any]:
            try:
                moved = policy_list.move(found.slug, wanted.step, seen=wanted.place)
            except OrderChangedError as error:
                text = "The policy stands elsewhere by now; list the policies again."
                raise Problem(409, text) from error
            return 200, policies.describe(moved)

        return answer_once(request, body, effect)


class TryPolicy(ApiView):
    """`/policies/{slug}/try/`"""

    permission_classes = [_SCOPES]

    @extend_schema(**described.TRY_POLICY)
    def post(self, request: Request, slug: str) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        patch = decode(body, PolicyPatch)
        found = _found(slug)

        def effect() -> tuple[int, Any]:
            try:
                policies.apply(found, patch)
            except PolicyFaultsError as error:
                raise Problem(400, "The policy has faults.", errors=error.errors) from error
            try:
                return 200, _tried(dry_run(found, timezone.now()))
            except TooSlowError as error:
                text = "The database is too busy to tell now; try again later."
                raise Problem(409, text) from error

        return answer_once(request, body, effect)


class OnePolicy(ApiView):
    """`/policies/{slug}/`"""

    permission_classes = [_SCOPES]

    @extend_schema(**described.READ_POLICY)
    def get(self, request: Request, slug: str) -> Response:
        return _answer(_found(slug))

    @extend_schema(**described.REMOVE_POLICY)
    def delete(self, request: Request, slug: str) -> HttpResponse:
        with transaction.atomic():
            Policy.objects.select_for_update().filter(slug=slug).first()
            found = _found(slug)
            match = request.headers.get("If-Match", "").strip()
            if match and not conditional.names(match, f'"{policies.fingerprint(found)}"'):
                raise Problem(412, _MOVED_ON)
            try:
                policy_list.delete(slug)
            except UsedPolicyError as error:
                text = "Cases came to this policy, and say so; switch it off instead."
                raise Problem(409, text) from error
        return HttpResponse(status=204)

    @extend_schema(**described.CHANGE_POLICY)
    def patch(self, request: Request, slug: str) -> Response:
        patch = decode(body_of(request, largest=LARGEST), PolicyPatch)
        match = request._request.headers.get("If-Match", "").strip()
        seen = None if match in ("", "*") else match.removeprefix("W/").strip('"')
        try:
            return _answer(policies.change(slug, patch, seen=seen))
        except Policy.DoesNotExist as error:
            raise Problem(404, "There is no such policy.") from error
        except PolicyChangedError as error:
            raise Problem(412, _MOVED_ON) from error
        except PolicyFaultsError as error:
            raise Problem(400, "The policy has faults.", errors=error.errors) from error


def _tried(run: DryRun) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(run)
    for name in ("skipped", "elsewhere"):
        told[name] = [{"words": words, "n_cases": n} for words, n in told[name]]
    return told


def _found(slug: str) -> Policy:
    policy = Policy.objects.select_related("questionnaire", "brand").filter(slug=slug).first()
    if policy is None:
        raise Problem(404, "There is no such policy.")
    return policy


def _answer(policy: Policy) -> Response:
    answer = one(policies.describe(policy))
    answer["ETag"] = f'"{policies.fingerprint(policy)}"'
    return answer
