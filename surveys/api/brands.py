"""Brands: how mails and surveys look, and what they say beside their questions."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

import msgspec
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_brands as described
from surveys.api.base import one, page
from surveys.api.bodies import body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import fault, named, refusing, storable
from surveys.api.paging import page_of_names
from surveys.api.problems import Problem
from surveys.api.questionnaire_life import Life
from surveys.models import Brand
from surveys.questionnaire.texts import languages
from surveys.services import brands
from surveys.services.brands import RESERVED, BrandFaultsError, InUseError, Wanted
from surveys.services.logos import MAX_UPLOAD_BYTES

#: A logo in base 64, and what stands around it.
LARGEST: Final = 2 * MAX_UPLOAD_BYTES
_WORDS: Final = ("name", "accent", "accent_dark", "logo_alt", "sender_name", "reply_to")
_LONGEST: Final = 4_000


class ChangedBrand(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays. `logo` is base 64, null drops it."""

    name: str | UnsetType = UNSET
    accent: str | UnsetType = UNSET
    accent_dark: str | UnsetType = UNSET
    logo: str | UnsetType | None = UNSET
    logo_alt: str | UnsetType = UNSET
    sender_name: str | UnsetType = UNSET
    reply_to: str | UnsetType = UNSET
    texts: dict[str, dict[str, str]] | UnsetType = UNSET


class NewBrand(ChangedBrand, kw_only=True):
    """A brand to be."""

    slug: str


class Brands(Life):
    """`/brands/`"""

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        rows = Brand.objects.prefetch_related("policy_set")
        shown, following = page_of_names(request, rows, by="slug")
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: NewBrand) -> Any:
            if sent.slug in RESERVED:
                raise fault("slug", "is an address of its own; choose another")
            storable("slug", sent.slug, _LONGEST)
            return _described(_saved(Brand(slug=sent.slug), sent, is_new=True))

        return self.done(request, NewBrand, effect, largest=LARGEST)


class OneBrand(Life):
    """`/brands/{slug}/`"""

    @extend_schema(**described.READ)
    def get(self, request: Request, slug: str) -> Response:
        return one(_described(_found(slug)))

    @extend_schema(**described.CHANGE)
    @transaction.atomic
    def patch(self, request: Request, slug: str) -> Response:
        sent = decode(body_of(request, largest=LARGEST), ChangedBrand)
        return one(_described(_saved(_locked(request, slug), sent)))

    @extend_schema(**described.REMOVE)
    @transaction.atomic
    def delete(self, request: Request, slug: str) -> HttpResponse:
        with refusing(InUseError):
            brands.remove(_locked(request, slug))
        return HttpResponse(status=204)


def _saved(brand: Brand, sent: ChangedBrand, *, is_new: bool = False) -> Brand:
    words = {}
    for name in _WORDS:
        given = getattr(sent, name)
        words[name] = getattr(brand, name) if given is UNSET else storable(name, given, _LONGEST)
    wanted = Wanted(
        slug=brand.slug,
        **words,
        logo=None if sent.logo in (UNSET, None) else _picture(str(sent.logo)),
        drop_logo=sent.logo is None,
        texts=brand.texts if sent.texts is UNSET else _texts(sent.texts),
    )
    try:
        return brands.save(wanted, None if is_new else brand)
    except BrandFaultsError as error:
        faults = [(_path(name), words) for name, words in error.errors]
        raise Problem(400, "The brand has faults.", errors=faults) from error


def _path(name: str) -> str:
    """A fault's field, of a text such as `footer.de` as `texts.de.footer`."""
    key, _, language = name.partition(".")
    return f"texts.{language}.{key}" if language else key


def _texts(sent: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    for language, own in sent.items():
        if language not in languages():
            raise fault("texts", "must be by languages that surveys speak")
        for key, text in own.items():
            storable("texts", key, 100)
            storable(f"texts.{language}.{key}", text, _LONGEST)
    return sent


def _picture(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise fault("logo", "must be a picture in base 64, or null") from error


def _found(slug: str) -> Brand:
    return named(Brand.objects.prefetch_related("policy_set"), "brand", slug=slug)


def _locked(request: Request, slug: str) -> Brand:
    Brand.objects.select_for_update().filter(pk=_found(slug).pk).first()
    brand = _found(slug)
    demand_unchanged(request, _described(brand))
    return brand


def _described(brand: Brand) -> dict[str, Any]:
    look = brands.look_of(brand)
    return {
        "slug": brand.slug,
        **{name: getattr(brand, name) for name in _WORDS},
        "logo_address": f"{look.site}{look.logo.address}" if look.logo else None,
        "texts": brand.texts,
        "policies": sorted(policy.slug for policy in brand.policy_set.all()),
        "changed_at": brand.changed_at,
    }
