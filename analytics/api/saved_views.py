"""`/api/v1/saved-views/`: reports with their filters under a name."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import described_keeping as described
from analytics.api.acting import LARGEST, text_of
from analytics.api.keeping import as_reader, narrowed, question, reader_of
from analytics.console.bar_menu import address_of
from analytics.console.known_reports import NoReport
from analytics.kept import SavedView
from analytics.sharing import views
from analytics.sharing.views import ViewError
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import Doing, Nothing, actor_of, fault, numbered, refusing
from surveys.api.paging import page_of_rows
from surveys.api.permissions import HasScope
from surveys.console.roles import CASES


class NewView(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A view to be saved."""

    owner: str
    name: str
    path: str
    query: str = ""
    is_shared: bool = False


class ChangedView(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    name: str | UnsetType = UNSET
    is_shared: bool | UnsetType = UNSET


class SavedViews(ApiView):
    """`/saved-views/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.LIST_VIEWS)
    def get(self, request: Request) -> Response:
        found = SavedView.objects.filter(deleted_at=None).select_related("owner")
        found = narrowed(request, found, "owner", "owner")
        shown, following = page_of_rows(request, found, by="created_at")
        return page([_described(view) for view in shown], following)

    @extend_schema(**described.ADD_VIEW)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, NewView)
        owner = reader_of("owner", sent.owner, CASES)
        name = text_of("name", sent.name, 80)
        try:
            asked = question(sent.path, sent.query, as_reader(request, owner))
        except NoReport as error:
            raise fault("query", str(error)) from error

        def effect() -> tuple[int, Any]:
            with refusing(ViewError, field="name"):
                view = views.save(
                    owner,
                    name,
                    asked.get("path") or "",
                    asked.get("query") or "",
                    is_shared=sent.is_shared,
                    by=actor_of(request),
                )
            return 201, _described(view)

        return answer_once(request, body, effect)


class OneView(ApiView):
    """`/saved-views/{id}/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.READ_VIEW)
    def get(self, request: Request, number: int) -> Response:
        return one(_described(_found(number)))

    @extend_schema(**described.CHANGE_VIEW)
    @transaction.atomic
    def patch(self, request: Request, number: int) -> Response:
        sent = decode(body_of(request, largest=LARGEST), ChangedView)
        view = _found(number)
        demand_unchanged(request, _described(view))
        with refusing(ViewError, field="name"):
            views.change(
                view,
                name=view.name if sent.name is UNSET else text_of("name", sent.name, 80),
                is_shared=view.is_shared if sent.is_shared is UNSET else sent.is_shared,
                by=actor_of(request),
            )
        return one(_described(view))

    @extend_schema(**described.REMOVE_VIEW)
    @transaction.atomic
    def delete(self, request: Request, number: int) -> HttpResponse:
        view = _found(number)
        demand_unchanged(request, _described(view))
        views.delete(view, by=actor_of(request))
        return HttpResponse(status=204)


class RestoreView(Doing):
    """`/saved-views/{id}/restore/`"""

    @extend_schema(**described.RESTORE_VIEW)
    def post(self, request: Request, number: int) -> HttpResponse:
        def effect(_: Nothing) -> Any:
            view = numbered(views.restorable(), number, "view")
            with refusing(ViewError):
                views.restore(view, by=actor_of(request))
            return _described(view)

        return self.done(request, Nothing, effect, status=200)


def _found(number: int) -> SavedView:
    kept = SavedView.objects.select_related("owner").filter(deleted_at=None)
    return numbered(kept, number, "view")


def _described(view: SavedView) -> dict[str, Any]:
    return {
        "id": view.pk,
        "owner": view.owner.email,
        "name": view.name,
        "path": view.path,
        "query": view.query,
        "url": settings.SITE_URL + address_of(view.path, view.query),
        "is_shared": view.is_shared,
        "created_at": view.created_at,
    }
