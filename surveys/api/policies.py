"""Who is surveyed and when."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_policies as described
from surveys.api.base import ApiView, one
from surveys.api.bodies import body_of, decode
from surveys.api.permissions import HasScope
from surveys.api.problems import Problem
from surveys.models import Policy
from surveys.services import policies
from surveys.services.policies import PolicyChangedError, PolicyFaultsError, PolicyPatch


class OnePolicy(ApiView):
    """`/policies/{slug}/`"""

    permission_classes = [
        HasScope("cases:read", "questionnaires:write", writing=("questionnaires:write",))
    ]

    @extend_schema(**described.READ_POLICY)
    def get(self, request: Request, slug: str) -> Response:
        policy = Policy.objects.select_related("questionnaire", "brand").filter(slug=slug).first()
        if policy is None:
            raise Problem(404, "There is no such policy.")
        return _answer(policy)

    @extend_schema(**described.CHANGE_POLICY)
    def patch(self, request: Request, slug: str) -> Response:
        patch = decode(body_of(request, largest=256 * 1024), PolicyPatch)
        match = request._request.headers.get("If-Match", "").strip()
        seen = None if match in ("", "*") else match.removeprefix("W/").strip('"')
        try:
            return _answer(policies.change(slug, patch, seen=seen))
        except Policy.DoesNotExist as error:
            raise Problem(404, "There is no such policy.") from error
        except PolicyChangedError as error:
            text = "The policy was changed since it was read; read it again and see what changed."
            raise Problem(412, text) from error
        except PolicyFaultsError as error:
            raise Problem(400, "The policy has faults.", errors=error.errors) from error


def _answer(policy: Policy) -> Response:
    answer = one(policies.describe(policy))
    answer["ETag"] = f'"{policies.fingerprint(policy)}"'
    return answer
