"""Who is surveyed and when."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described
from surveys.api.base import ApiView, one
from surveys.api.bodies import body_of, decode
from surveys.api.permissions import HasScope
from surveys.api.problems import Problem
from surveys.models import Policy
from surveys.services import policies
from surveys.services.policies import PolicyFaultsError, PolicyPatch


class OnePolicy(ApiView):
    """`/policies/{slug}/`"""

    permission_classes = [
        HasScope("cases:read", "questionnaires:write", writing=("questionnaires:write",))
    ]

    @extend_schema(**described.READ_POLICY)
    def get(self, request: Request, slug: str) -> Response:
        policy = Policy.objects.select_related("questionnaire").filter(slug=slug).first()
        if policy is None:
            raise Problem(404, "There is no such policy.")
        return one(policies.describe(policy))

    @extend_schema(**described.CHANGE_POLICY)
    def patch(self, request: Request, slug: str) -> Response:
        patch = decode(body_of(request, largest=256 * 1024), PolicyPatch)
        try:
            return one(policies.describe(policies.change(slug, patch)))
        except Policy.DoesNotExist as error:
            raise Problem(404, "There is no such policy.") from error
        except PolicyFaultsError as error:
            raise Problem(400, "The policy has faults.", errors=error.errors) from error
