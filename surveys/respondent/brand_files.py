"""A brand's logo and colours, for survey pages and for mails: public, kept by whoever likes to."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from surveys.services.brands import public_file

_FOREVER: Final = "public, max-age=31536000, immutable"
# An address of former content is answered with what is there now, which may change again.
_BRIEFLY: Final = "public, max-age=300"


@require_safe
def brand_file(request: HttpRequest, brand_id: int, name: str, extension: str) -> HttpResponse:
    """The file behind an address whose name is the digest of its content."""
    found = public_file(brand_id, name, extension)
    if found is None:
        return HttpResponse(
            "There is no such file.",
            status=HTTPStatus.NOT_FOUND,
            content_type="text/plain; charset=utf-8",
            headers={"Cache-Control": "no-store"},
        )
    headers = {
        "Cache-Control": _FOREVER if found.is_current else _BRIEFLY,
        "X-Content-Type-Options": "nosniff",
        # Web mail shows the picture within pages of its own.
        "Cross-Origin-Resource-Policy": "cross-origin",
        # Should anybody open it by itself, it can do nothing.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return HttpResponse(found.content, content_type=found.content_type, headers=headers)
