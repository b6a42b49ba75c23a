"""Addresses never written to: listed, added, and taken off on a person's wish."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_suppressions as described
from surveys.api.base import ApiView, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.doing import Doing, actor_of, asked, chosen, fault, refusing, storable
from surveys.api.files import csv_file
from surveys.api.paging import page_of_rows
from surveys.api.permissions import HasScope
from surveys.api.problems import Problem
from surveys.models import Suppression, SuppressionChange
from surveys.services import suppression_list
from surveys.services.addresses import NOT_AN_ADDRESS, address_of
from surveys.services.suppressions import CannotLift, Told, lift, suppress
from surveys.services.tokens import email_hash

LARGEST: Final = 16 * 1024
#: Of a file as JSON, where a quotation mark takes two bytes.
_LARGEST_FILE: Final = 2 * suppression_list.MOST_BYTES
_REASONS = Suppression.Reason
_SOURCES = Suppression.Source
_GIVEN: Final = frozenset(_REASONS.values) - {_REASONS.ERASED}
_LONGEST_NOTE: Final = 500


class NewSuppression(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An address with why."""

    email: str
    reason: str = _REASONS.MANUAL
    note: str = ""


class Resubscription(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An address, and how the person asked."""

    email: str
    note: str


class File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The text of a CSV file."""

    csv: str
    dry_run: bool = False


class Suppressions(ApiView):
    """`/suppressions/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> HttpResponseBase:
        found = suppression_list.search(
            asked(request, "q", 254), chosen(request, "reason", _REASONS.values)
        )
        if email := asked(request, "email", 254):
            found = found.filter(email_hash=email_hash(email))
        if chosen(request, "format", ("json", "csv")) == "csv":
            rows = suppression_list.rows(found)
            return csv_file(rows, "suppressions.csv", suppression_list.COLUMNS)
        shown, following = page_of_rows(request, found, by="created_at")
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, NewSuppression)
        address = _address(sent.email)
        if sent.reason not in _GIVEN:
            raise fault("reason", f"must be one of {', '.join(sorted(_GIVEN))}")
        told = _told(request, sent.note)

        def effect() -> tuple[int, Any]:
            known = Suppression.objects.filter(email_hash=email_hash(address)).exists()
            held = suppress(address, sent.reason, now=timezone.now(), told=told)
            return 200 if known else 201, _described(held)

        return answer_once(request, body, effect)


class Lift(ApiView):
    """`/suppressions/lift/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.LIFT)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, Resubscription)
        address = _address(sent.email)
        told = _told(request, sent.note)
        if not told.note.strip():
            raise fault("note", "must say how the person asked for it")

        def effect() -> tuple[int, Any]:
            held = Suppression.objects.filter(email_hash=email_hash(address)).first()
            if held is None:
                raise Problem(404, "The address is not on the list.")
            try:
                lift(address, now=timezone.now(), told=told)
            except CannotLift as error:
                raise Problem(409, str(error)) from error
            return 200, {"email": address, "lifted": True}

        return answer_once(request, body, effect)


class Import(Doing):
    """`/suppressions/import/`"""

    @extend_schema(**described.IMPORT)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: File) -> Any:
            told = Told(_SOURCES.IMPORT, _who(request))
            content = storable("csv", sent.csv, suppression_list.MOST_BYTES).encode()
            with refusing(suppression_list.UnreadableFileError, field="csv"):
                taken = suppression_list.take(
                    content, now=timezone.now(), told=told, dry=sent.dry_run
                )
            return msgspec.to_builtins(taken) | {"dry_run": sent.dry_run}

        return self.done(request, File, effect, status=200, largest=_LARGEST_FILE)


class Changes(Doing):
    """`/suppression-changes/`"""

    @extend_schema(**described.CHANGES)
    def get(self, request: Request) -> Response:
        found = suppression_list.history(asked(request, "email", 254))
        shown, following = page_of_rows(request, found, by="made_at")
        return page([_change(each) for each in shown], following)


def _change(change: SuppressionChange) -> dict[str, Any]:
    return {
        "email": change.email or None,
        "kind": change.kind,
        "reason": change.reason,
        "source": change.source,
        "note": change.note,
        "who": change.who,
        "made_at": change.made_at,
    }


def _described(held: Suppression) -> dict[str, Any]:
    return {
        "email": held.email or None,
        "reason": held.reason,
        "since": held.created_at,
        "source": held.source,
        "who": held.who,
    }


def _address(text: str) -> str:
    address = address_of(text) if text.isprintable() else None
    if address is None:
        raise fault("email", NOT_AN_ADDRESS)
    return address


def _told(request: Request, note: str) -> Told:
    return Told(_SOURCES.API, _who(request), storable("note", note, _LONGEST_NOTE))


def _who(request: Request) -> str:
    return actor_of(request)[:254]
