"""Teams and products by their names: renamed, merged as it was shown before, and that undone."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api.base import one, page
from surveys.api.bodies import body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.described_dimensions import PRODUCTS, TEAMS
from surveys.api.doing import (
    LARGEST,
    Doing,
    Nothing,
    asked,
    author_of,
    fault,
    logged,
    numbered,
    refusing,
    storable,
)
from surveys.api.paging import page_of_names, page_of_rows
from surveys.api.problems import Problem
from surveys.models import DimensionChange
from surveys.services import dimension_list
from surveys.services import dimensions as service
from surveys.services.dimension_list import Line
from surveys.services.dimensions import DimensionError, Named
from surveys.services.storable import is_storable

LONGEST = 200


class Changed(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    name: str | UnsetType = UNSET


class Merge(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The name of the one that stays."""

    into: str


class Names(Doing):
    """What the views of teams and those of products have in common: all but which they are of."""

    dimension: ClassVar[str]

    def found(self, number: int) -> Named:
        """The row of an address. Raises: Problem 404."""
        row: Named = numbered(dimension_list.every(self.dimension), number, self.dimension)
        return row

    def target(self, name: str) -> str:
        """The name of another one. Raises: Problem 400."""
        known = dimension_list.every(self.dimension)
        if not is_storable(name) or not known.filter(name=name).exists():
            raise fault("into", f"must be the name of a {self.dimension}")
        return name


class Listed(Names):
    """`/teams/`, `/products/`"""

    def get(self, request: Request) -> Response:
        found = dimension_list.find(self.dimension, asked(request, "q"))
        shown, following = page_of_names(request, found, by="name")
        lines = dimension_list.counted(self.dimension, shown)
        return page([_line(self.dimension, each) for each in lines], following)


class Single(Names):
    """`/teams/{number}/`, `/products/{number}/`"""

    def get(self, request: Request, number: int) -> Response:
        return one(_described(self.found(number)))

    def patch(self, request: Request, number: int) -> Response:
        sent = decode(body_of(request, largest=LARGEST), Changed)
        new = "" if sent.name is UNSET else " ".join(storable("name", sent.name, LONGEST).split())
        with transaction.atomic():
            self._hold(number, new)
            row = self.found(number)
            demand_unchanged(request, _described(row))
            if row.merged_into is not None:
                raise Problem(409, f"“{row.name}” is another name of “{row.merged_into}” already.")
            if sent.name is not UNSET and new != row.name:
                with refusing(DimensionError, field="name"):
                    service.rename(self.dimension, row.name, new, author_of(request))
        return one(_described(self.found(number)))

    def _hold(self, number: int, name: str) -> None:
        """Lock it and what is called so, in the order in which the service locks them."""
        rows = service.model_of(self.dimension)._default_manager.select_for_update()
        own = self.found(number).pk
        list(rows.filter(Q(pk=own) | Q(name=name)).order_by("pk"))


class Merging(Names):
    """`/teams/{number}/merge/`, `/products/{number}/merge/`"""

    def get(self, request: Request, number: int) -> Response:
        row, into = self.found(number), self.target(asked(request, "into"))
        with refusing(DimensionError):
            found = service.preview(self.dimension, row.name, into)
        told = {
            "name": found.source.name,
            "into": found.target.name,
            "n_cases": found.n_cases,
            "n_answers": found.n_answers,
            "former_names": list(found.former),
        }
        if self.dimension == "team":
            told |= {
                "n_agents": found.n_agents,
                "n_logins": found.n_logins,
                "n_causes": found.n_causes,
            }
        return one(told)

    def post(self, request: Request, number: int) -> HttpResponse:
        row = self.found(number)

        def effect(sent: Merge) -> Any:
            into = self.target(sent.into)
            with refusing(DimensionError):
                done = service.merge(
                    self.dimension, row.name, into, timezone.now(), author_of(request)
                )
            return _change(done)

        return self.done(request, Merge, effect)


class Log(Names):
    """`/team-changes/`, `/product-changes/`"""

    def get(self, request: Request) -> Response:
        found = dimension_list.changes(self.dimension)
        if name := asked(request, "name"):
            found = found.filter(Q(name=name) | Q(into=name))
        shown, following = page_of_rows(request, found, by="made_at")
        return page([_change(each) for each in shown], following)


class Undoing(Names):
    """`/team-changes/{number}/undo/`, `/product-changes/{number}/undo/`"""

    def post(self, request: Request, number: int) -> HttpResponse:
        known = numbered(dimension_list.changes(self.dimension), number, "change")

        def effect(_: Nothing) -> Any:
            with refusing(DimensionError):
                return _change(service.undo(known.pk, timezone.now(), author_of(request)))

        return self.done(request, Nothing, effect)


@extend_schema_view(get=extend_schema(**TEAMS.list))
class Teams(Listed):
    dimension = "team"


@extend_schema_view(get=extend_schema(**TEAMS.read), patch=extend_schema(**TEAMS.change))
class OneTeam(Single):
    dimension = "team"


@extend_schema_view(get=extend_schema(**TEAMS.preview), post=extend_schema(**TEAMS.merge))
class MergingTeam(Merging):
    dimension = "team"


@extend_schema_view(get=extend_schema(**TEAMS.changes))
class TeamChanges(Log):
    dimension = "team"


@extend_schema_view(post=extend_schema(**TEAMS.undo))
class UndoTeam(Undoing):
    dimension = "team"


@extend_schema_view(get=extend_schema(**PRODUCTS.list))
class Products(Listed):
    dimension = "product"


@extend_schema_view(get=extend_schema(**PRODUCTS.read), patch=extend_schema(**PRODUCTS.change))
class OneProduct(Single):
    dimension = "product"


@extend_schema_view(get=extend_schema(**PRODUCTS.preview), post=extend_schema(**PRODUCTS.merge))
class MergingProduct(Merging):
    dimension = "product"


@extend_schema_view(get=extend_schema(**PRODUCTS.changes))
class ProductChanges(Log):
    dimension = "product"


@extend_schema_view(post=extend_schema(**PRODUCTS.undo))
class UndoProduct(Undoing):
    dimension = "product"


def _described(row: Named) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "former_names": list(dimension_list.former_names(row)),
        "merged_into": row.merged_into.name if row.merged_into else None,
        "is_sample": row.is_sample,
    }


def _line(dimension: str, line: Line) -> dict[str, Any]:
    told = _described(line.row) | {"n_cases": line.n_cases}
    return told | ({"n_agents": line.n_agents} if dimension == "team" else {})


def _change(change: DimensionChange) -> dict[str, Any]:
    return logged(change) | {
        "name": change.name,
        "into": change.into,
    }
