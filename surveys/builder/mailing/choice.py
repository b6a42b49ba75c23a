"""Which mail of a questionnaire is asked for: version, kind, arm, language, brand, case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, get_args

from django.http import Http404
from django.utils.http import urlencode

from surveys.builder.arms import ARM_NAMES
from surveys.console.roles import IDENTITIES, role_of
from surveys.mail.skeleton import KINDS, Kind, Skeleton, compile_skeleton
from surveys.models import Brand, Questionnaire, QuestionnaireVersion, Resolution, User
from surveys.questionnaire import texts
from surveys.questionnaire.asking import Asks, narrowed
from surveys.questionnaire.branding import Look
from surveys.questionnaire.rendering import ARMS, Arm
from surveys.questionnaire.schema import Definition
from surveys.services import brands, preview_links
from surveys.services.mail_tests import MergeData, sample_for

DRAFT: Final = "draft"
NO_BRAND: Final = "none"
SAMPLE_CASE: Final = "sample"
RECENT_CASES: Final = 10
ASKS_NAMES: Final[dict[Asks, str]] = {
    "both": "Fix and cause",
    "fix": "The fix alone",
    "cause": "The cause alone",
}
KIND_NAMES: Final = {"invitation": "Invitation", "reminder": "Reminder"}


@dataclass(frozen=True)
class Choice:
    """One mail of a questionnaire. Everything that was asked for and is not there was replaced by
    what comes first."""

    questionnaire: Questionnaire
    version: QuestionnaireVersion | None
    definition: Definition
    kind: Kind
    asks: Asks
    arm: Arm
    language: str
    brand: Brand | None
    case: str
    data: MergeData

    @cached_property
    def look(self) -> Look | None:
        return brands.look_of(self.brand) if self.brand else None

    @property
    def shown(self) -> str:
        """What is shown, as “version 3” or “the draft”."""
        return f"version {self.version.number}" if self.version else "the draft"

    @property
    def query(self) -> str:
        """The choice as the query of an address."""
        return urlencode(
            {
                "version": self.version.number if self.version else DRAFT,
                "kind": self.kind,
                "asks": self.asks,
                "arm": self.arm,
                "language": self.language,
                "brand": self.brand.slug if self.brand else NO_BRAND,
                "case": self.case,
            }
        )

    @property
    def local_look(self) -> Look | None:
        """The look with pictures addressed from where the page itself is."""
        return replace(self.look, site="") if self.look else None

    def skeleton(self, look: Look | None) -> Skeleton:
        """The compiled mail.

        Raises: LookupError for a draft without a headline, SkeletonError.
        """
        definition = narrowed(self.definition, self.asks)
        return compile_skeleton(definition, self.language, self.arm, self.kind, look)


def choose(questionnaire: Questionnaire, asked: Mapping[str, str], user: User) -> Choice:
    """The mail that was asked for.

    Raises: Http404 for a version that is not there, LinkError where there is nothing at all,
    DefinitionError.
    """
    version = version_of(questionnaire, asked.get("version", DRAFT))
    definition = preview_links.definition_of(questionnaire, version)
    language = asked.get("language", "")
    kind, arm, asks = asked.get("kind", ""), asked.get("arm", ""), asked.get("asks", "")
    if language not in definition.languages:
        language = definition.default_language
    case, data = SAMPLE_CASE, sample_for(questionnaire.template, language)
    if (found := _of_case(asked.get("case", SAMPLE_CASE), user)) is not None:
        case, data = asked["case"], found
    return Choice(
        questionnaire,
        version,
        definition,
        kind=next((known for known in KINDS if known == kind), KINDS[0]),
        asks=next((known for known in ASKS_NAMES if known == asks), "both"),
        arm=next((known for known in ARMS if known == arm), ARMS[0]),
        language=language,
        brand=brand_of(questionnaire, asked.get("brand")),
        case=case,
        data=data,
    )


def version_of(questionnaire: Questionnaire, raw: str) -> QuestionnaireVersion | None:
    """A version by its number, None for the draft.

    Raises: Http404.
    """
    if raw == DRAFT:
        return None
    number = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 7 else 0
    found = questionnaire.versions.filter(number=number).first()
    if found is None:
        raise Http404("No such version.")
    return found


def brand_of(questionnaire: Questionnaire, slug: str | None) -> Brand | None:
    """The brand asked for; where none was named, that of the questionnaire's first policy."""
    if slug is None:
        return brands.brand_for(questionnaire.pk)
    return brands.named(slug)


def _may_see_cases(user: User) -> bool:
    return role_of(user) in IDENTITIES


def _recent(user: User) -> list[Resolution]:
    if not _may_see_cases(user):
        return []
    return list(
        Resolution.objects.filter(case__customer__erased_at__isnull=True)
        .select_related("case__customer", "product")
        .order_by("-pk")[:RECENT_CASES]
    )


def _of_case(raw: str, user: User) -> MergeData | None:
    """A case's own words; None where there is no such case for this reader."""
    for resolution in _recent(user):
        if str(resolution.pk) == raw:
            customer = resolution.case.customer
            product = resolution.product.name if resolution.product else ""
            name = customer.name if customer else ""
            return MergeData(name, resolution.case.subject, product)
    return None


@dataclass(frozen=True)
class Select:
    """One list to choose from."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str


def selects(choice: Choice, user: User) -> list[Select]:
    """The lists of the page, in the order of what they decide."""
    numbers = choice.questionnaire.versions.order_by("-number").values_list("number", flat=True)
    versions = [(DRAFT, "Draft"), *((str(n), f"Version {n}") for n in numbers[:20])]
    cases = [
        (str(r.pk), f"{r.case.external_id}: {texts.clean_value(r.case.subject, 40)}")
        for r in _recent(user)
    ]
    languages = [(code, texts.language_name(code)) for code in choice.definition.languages]
    chosen_version = str(choice.version.number) if choice.version else DRAFT
    brand = choice.brand.slug if choice.brand else NO_BRAND
    return [
        Select("version", "What", versions, chosen_version),
        Select("kind", "Mail", list(KIND_NAMES.items()), choice.kind),
        Select("asks", "Asks", list(ASKS_NAMES.items()), choice.asks),
        Select("arm", "Order", [(arm, ARM_NAMES[arm]) for arm in get_args(Arm)], choice.arm),
        Select("language", "Language", languages, choice.language),
        Select("brand", "Brand", [(NO_BRAND, "No brand"), *brands.choices()], brand),
        Select("case", "With", [(SAMPLE_CASE, "A made-up case"), *cases], choice.case),
    ]
