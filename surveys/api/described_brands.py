"""How the operations on brands are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

from surveys.api.described import (
    IDEMPOTENCY,
    IF_MATCH,
    PAGING,
    Example,
    Json,
    answers,
    maybe,
    page_schema,
    record,
    ref,
    text,
)
from surveys.api.described_operations import ADDED, CHANGED, WHEN, Operations
from surveys.questionnaire.branding import TEXT_LIMITS
from surveys.questionnaire.texts import languages

_COLOUR: Final[Json] = {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}
_TEXTS: Final[Json] = {
    "type": "object",
    "propertyNames": {"enum": list(languages())},
    "additionalProperties": record(
        [], **{key: text("May be empty.", limit) for key, limit in TEXT_LIMITS.items()}
    ),
    "description": "Own words by language; `{company}`, `{brand}` and `{product}` are filled in.",
}
_WORDS: Final[dict[str, Json]] = {
    "name": text("As customers know it.", 200, minLength=1),
    "accent": _COLOUR | {"description": "On light pages, where words in it reach 4.5 : 1."},
    "accent_dark": _COLOUR | {"description": "On dark pages."},
    "logo_alt": text("What the logo says; empty: the name.", 100),
    "sender_name": text("Of the mails; empty: the brand's.", 100),
    "reply_to": text("Where replies go; empty: to the sender.", 254),
}
_LOGO: Final = maybe(text("PNG, JPEG or WebP in base 64, at most 512 KB; null drops it."))
_BRAND: Final[dict[str, Json]] = {
    "slug": {"type": "string"},
    **_WORDS,
    "logo_address": maybe(text("Where the logo is served.")),
    "texts": _TEXTS,
    "policies": {"type": "array", "items": {"type": "string"}},
    "changed_at": WHEN,
}
COMPONENTS: Final[dict[str, Json]] = {
    "Brand": record(list(_BRAND), **_BRAND),
    "BrandIn": record(
        ["slug", "name"],
        slug=text("Its address.", 100, pattern="^[-a-zA-Z0-9_]+$"),
        **_WORDS,
        logo=_LOGO,
        texts=_TEXTS,
    ),
    "BrandChange": record([], **_WORDS, logo=_LOGO, texts=_TEXTS),
}
_SLUG: Final = OpenApiParameter("slug", str, OpenApiParameter.PATH)
_operation: Final = Operations("brands", "questionnaires:write")

LIST: Final = _operation(
    "list_brands",
    "List brands",
    "By slug, with the policies that choose them.",
    parameters=PAGING,
    responses=answers(200, schema=page_schema(ref("Brand")), problems=(400,)),
)
ADD: Final = _operation.posting(
    "add_brand",
    "Add a brand",
    "Customers see it once a policy chooses it.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("BrandIn")},
    responses=answers(201, schema=ref("Brand"), problems=ADDED),
    examples=[
        Example(
            "Two colours",
            value={
                "slug": "north",
                "name": "North",
                "accent": "#1d4ed8",
                "accent_dark": "#93b4ff",
                "texts": {"en": {"footer": "{company}, always near you"}},
            },
            request_only=True,
        )
    ],
)
READ: Final = _operation(
    "read_brand",
    "Look up a brand",
    "With the address of its logo.",
    parameters=[_SLUG],
    responses=answers(200, schema=ref("Brand"), problems=(404,)),
)
CHANGE: Final = _operation(
    "change_brand",
    "Change a brand",
    "What is not named stays; all of it is taken, or nothing.",
    parameters=[_SLUG, IF_MATCH],
    request={"application/json": ref("BrandChange")},
    responses=answers(200, schema=ref("Brand"), problems=CHANGED),
    examples=[Example("Another name", value={"name": "North and South"}, request_only=True)],
)
REMOVE: Final = _operation(
    "remove_brand",
    "Delete a brand",
    "409 while a policy chooses it.",
    parameters=[_SLUG, IF_MATCH],
    responses={204: None} | answers(schema={}, problems=(404, 409, 412)),
)
