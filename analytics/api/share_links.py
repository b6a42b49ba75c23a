"""`/api/v1/share-links/`: links that show one report to somebody without a login."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import described_keeping as described
from analytics.api.acting import LARGEST
from analytics.api.keeping import as_reader, narrowed, question, reader_of
from analytics.console.known_reports import NoReport
from analytics.console.links import SHARERS, make_link, state_of
from analytics.filters import FilterError
from analytics.kept import ShareLink
from analytics.sharing import links
from analytics.sharing.links import LONGEST_DAYS, USUAL_DAYS, LinkError
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.doing import Nothing, actor_of, fault, numbered
from surveys.api.paging import page_of_rows
from surveys.api.permissions import HasScope


class NewLink(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A link to be made."""

    sharer: str
    path: str
    query: str = ""
    days: int = USUAL_DAYS
    with_comments: bool = False
    with_names: bool = False


class ShareLinks(ApiView):
    """`/share-links/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.LIST_LINKS)
    def get(self, request: Request) -> Response:
        found = narrowed(request, ShareLink.objects.select_related("sharer"), "sharer", "sharer")
        shown, following = page_of_rows(request, found, by="created_at")
        return page([_described(link) for link in shown], following)

    @extend_schema(**described.ADD_LINK)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, NewLink)
        if not 1 <= sent.days <= LONGEST_DAYS:
            raise fault("days", f"must be a whole number from 1 to {LONGEST_DAYS}")
        reader = as_reader(request, reader_of("sharer", sent.sharer, SHARERS))

        def effect() -> tuple[int, Any]:
            try:
                asked = question(sent.path, sent.query, reader)
                asked["with_comments"] = "1" if sent.with_comments else ""
                asked["with_names"] = "1" if sent.with_names else ""
                link = make_link(asked, sent.days, reader, by=actor_of(request))
            except (NoReport, LinkError, FilterError) as error:
                raise fault("query", str(error)) from error
            return 201, _described(link)

        return answer_once(request, body, effect, _with_address)


class OneLink(ApiView):
    """`/share-links/{id}/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.READ_LINK)
    def get(self, request: Request, number: int) -> Response:
        return one(_described(_found(number)))


class RevokeLink(ApiView):
    """`/share-links/{id}/revoke/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.REVOKE_LINK)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)
        link = _found(number)

        def effect() -> tuple[int, Any]:
            links.revoke(link, actor_of(request))
            return 200, _described(_found(number))

        return answer_once(request, body, effect)


def _found(number: int) -> ShareLink:
    return numbered(ShareLink.objects.select_related("sharer"), number, "link")


def _described(link: ShareLink) -> dict[str, Any]:
    return {
        "id": link.pk,
        "sharer": link.sharer.email,
        "path": link.path,
        "query": link.query,
        "title": link.title,
        "with_comments": link.with_comments,
        "with_names": link.with_names,
        "state": state_of(link, timezone.now()).partition(":")[0],
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
    }


def _with_address(data: dict[str, Any]) -> dict[str, Any]:
    """The address stands in no table: it is made again for whoever made the link."""
    token = links.token_of(_found(data["id"]))
    address = settings.SITE_URL + reverse("shared", args=[token]) if token else None
    return {**data, "address": address}
