"""What is kept of people, and of the sample: a person erased, the sample loaded and removed."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_keeping as described
from surveys.api.base import one
from surveys.api.doing import Doing, Nothing, fault
from surveys.models import Case
from surveys.services import privacy, sample
from surveys.services.addresses import NOT_AN_ADDRESS, address_of


class Erasure(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Who is erased, or with ``dry_run`` what that would erase."""

    address: str
    dry_run: bool = False


class Erasures(Doing):
    """`/erasures/`"""

    @extend_schema(**described.ERASE)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: Erasure) -> Any:
            address = address_of(sent.address) if sent.address.isprintable() else None
            if address is None:
                raise fault("address", NOT_AN_ADDRESS)
            erased = privacy.erase(address, timezone.now(), dry=sent.dry_run)
            return erased.as_json() | {"dry_run": sent.dry_run}

        return self.done(request, Erasure, effect, status=200)


class SampleData(Doing):
    """`/sample-data/`"""

    @extend_schema(**described.SAMPLE)
    def get(self, request: Request) -> Response:
        return one(_sample())

    @extend_schema(**described.LOAD)
    def post(self, request: Request) -> HttpResponse:
        def effect(_: Nothing) -> Any:
            is_new = sample.load_once(timezone.now())
            return _sample() | {"is_new": is_new}

        return self.done(request, Nothing, effect, status=200)

    @extend_schema(**described.REMOVE)
    def delete(self, request: Request) -> HttpResponse:
        sample.remove_sample_data()
        return HttpResponse(status=204)


def _sample() -> dict[str, Any]:
    return {
        "is_loaded": sample.is_loaded(),
        "n_cases": Case.objects.filter(is_sample=True).count(),
    }
