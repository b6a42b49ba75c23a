"""A survey page and a mail of the default questionnaire with a brand that need not be stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from email import message_from_bytes
from email import policy as mail_policy
from typing import Final

from surveys.builder.documents import Scheme, forced, standing_alone
from surveys.mail.message import Mailbox, Values, build_message
from surveys.mail.skeleton import compile_skeleton
from surveys.models import Brand
from surveys.questionnaire.branding import Look
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.rendering import Facts, rotations
from surveys.respondent import pages
from surveys.services.brands import colours_of, look_of

_ONE_PERSON: Final = Facts(human_handled=True, n_agents=1, product="Fibre 100")
_EPOCH: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def look_with(brand: Brand, logo: str) -> Look:
    """The brand's look with its logo under another address, and no stylesheet of its own."""
    look = look_of(brand)
    own = replace(look.logo, address=logo) if look.logo and logo else look.logo
    return replace(look, logo=own, site="" if logo else look.site, stylesheet="")


def page_document(brand: Brand, logo: str, language: str, scheme: Scheme) -> str:
    """The first page of the default questionnaire."""
    definition = default_definition()
    html = pages.preview_page(
        definition,
        arm="fix_first",
        rotation=rotations(definition)[0],
        facts=_ONE_PERSON,
        language=language,
        number=1,
        answers={"F1": 4},
        base_url="#",
        look=look_with(brand, logo),
    )
    return standing_alone(html, colours_of(brand), scheme)


def mail_document(brand: Brand, logo: str, language: str, scheme: Scheme) -> str:
    """The invitation of the default questionnaire."""
    look = look_with(brand, logo)
    skeleton = compile_skeleton(default_definition(), language, "fix_first", "invitation", look)
    content = build_message(
        skeleton,
        Values(
            company=look.company,
            survey_url="https://example.org/s/example/",
            name="Alex",
            subject="No signal at home",
            brand=look.name,
            product=_ONE_PERSON.product,
        ),
        sender=Mailbox("", "survey@example.org"),
        to=Mailbox("", "alex@example.org"),
        message_id="<preview@example.org>",
        unsubscribe_url="https://example.org/u/example/",
        date=_EPOCH,
    )
    return forced(html_part(content), scheme)


def html_part(content: bytes) -> str:
    """The HTML of a mail."""
    part = message_from_bytes(content, policy=mail_policy.default).get_body(("html",))
    return str(part.get_content()) if part else ""
