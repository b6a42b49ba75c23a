"""Ratings that other tools collected with one question: read one by one, and removed by import."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_history as described
from surveys.api.base import page
from surveys.api.doing import Doing, chosen, fault, refusing
from surveys.api.paging import page_of_rows
from surveys.models import UnseparatedRating
from surveys.services import history_list
from surveys.services.history_list import Imported, NothingImportedError
from surveys.services.history_tools import TOOLS


class Removal(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What goes: all of a tool, or one import of it; with ``dry_run`` it is only counted."""

    tool: str
    imported_at: datetime | None = None
    dry_run: bool = False


class Ratings(Doing):
    """`/history-ratings/`"""

    @extend_schema(**described.RATINGS)
    def get(self, request: Request) -> Response:
        found = history_list.every(
            tool=chosen(request, "tool", TOOLS),
            with_comment=chosen(request, "comments", ("0", "1")) == "1",
        )
        shown, following = page_of_rows(request, found, by="answered_at")
        return page([_rating(each) for each in shown], following)


class Imports(Doing):
    """`/history-imports/`"""

    @extend_schema(**described.IMPORTS)
    def get(self, request: Request) -> Response:
        return page([_import(each) for each in history_list.imports()], None)


class Remove(Doing):
    """`/history-imports/remove/`"""

    @extend_schema(**described.REMOVE)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: Removal) -> Any:
            if sent.tool not in TOOLS:
                raise fault("tool", f"must be one of {', '.join(TOOLS)}")
            at = sent.imported_at
            if at is not None and not history_list.can_be_moment(at):
                raise fault("imported_at", "must be a moment that the list of imports gave")
            with refusing(NothingImportedError, status=404):
                n = history_list.remove(sent.tool, at, dry=sent.dry_run)
            return {"tool": sent.tool, "n_ratings": n, "dry_run": sent.dry_run}

        return self.done(request, Removal, effect, status=200)


def _rating(rating: UnseparatedRating) -> dict[str, Any]:
    return {
        "id": rating.pk,
        "tool": rating.tool,
        "external_id": rating.external_id,
        "scale": rating.scale,
        "raw": rating.raw,
        "position": rating.position,
        "is_best": rating.top2,
        "answered_at": rating.answered_at,
        "comment": rating.comment,
        "case": {"source": rating.case.source, "external_id": rating.case.external_id}
        if rating.case
        else None,
        "imported_at": rating.imported_at.isoformat(),
    }


def _import(one: Imported) -> dict[str, Any]:
    return {
        "tool": one.tool,
        # Whole: it is what an import is named by.
        "imported_at": one.imported_at.isoformat(),
        "scales": list(one.scales),
        "n_ratings": one.n,
        "n_comments": one.n_comments,
        "first": one.first,
        "last": one.last,
    }
