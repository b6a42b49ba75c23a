"""A questionnaire that holds every type of question, in English and Arabic, twenty in all."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from django.utils import timezone

from surveys.models import Questionnaire, QuestionnaireVersion
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import check, to_builtins
from surveys.questionnaire.schema import Block, Comment, Definition, Item, Option

LANGUAGES = ("en", "ar")


def texts(english: str, arabic: str = "سؤال قصير عن هذا الأمر؟") -> dict[str, str]:
    return {"en": english, "ar": arabic}


def options(count: int, **last: bool) -> tuple[Option, ...]:
    return tuple(
        Option(
            value=value,
            label=texts(f"Answer {value}", f"جواب {value}"),
            **(last if value == count else {}),
        )
        for value in range(1, count + 1)
    )


def own(item_id: str, type_: Any, dimension: str = "fix.own", **more: Any) -> Item:
    """A question of the designer's own."""
    return Item(
        id=item_id,
        type=type_,
        dimension=dimension,
        stem=texts(f"What about {item_id} at {{company}}?"),
        **more,
    )


FIX_ITEMS = (
    own("X1", "rating", options=options(5), agent_visible=True),
    own("X2", "rating", options=options(7)),
    own("X3", "rating", options=options(11)),
    own("X4", "yes_no", options=options(2), hint=texts("Only the last time.", "المرة الأخيرة.")),
    own("X5", "single", options=options(4)),
    own("X6", "multiple", options=options(4, exclusive=True)),
    own("X7", "short_text", hint=texts("In a few words.", "بكلمات قليلة."), agent_visible=True),
)
CAUSE_ITEMS = (
    own("X8", "long_text", "cause.own", agent_visible=True),
    own("X9", "number", "cause.own", low=-5, high=500),
    own("X10", "date", "cause.own"),
    own("X11", "cause_picker", "cause.own", hint=texts("The closest one.", "الأقرب.")),
)
CLOSING_ITEMS = (
    own(
        "X12",
        "nps",
        "outcome.own",
        low_label=texts("Not at all likely", "غير محتمل"),
        high_label=texts("Extremely likely", "محتمل جدًا"),
    ),
)


@cache
def every_type(required: tuple[str, ...] = ()) -> Definition:
    """The default questionnaire's eight first items and the twelve above; ``required`` ones are
    items or comments."""
    default = default_definition()
    more = {
        "fix": (FIX_ITEMS, default.block("fix").items),
        "cause": (CAUSE_ITEMS, tuple(i for i in default.block("cause").items if i.id != "C4")),
        "closing": (
            CLOSING_ITEMS,
            tuple(i for i in default.block("closing").items if not i.rotation),
        ),
    }
    definition = msgspec.structs.replace(
        default,
        languages=LANGUAGES,
        lead_in=_two(default.lead_in),
        thanks=_two(default.thanks),
        required_languages=None,
        blocks=tuple(
            Block(
                id=block.id,
                dimension=block.dimension,
                items=tuple(
                    msgspec.structs.replace(_bilingual(item), required=item.id in required)
                    for item in (*more[block.id][1], *more[block.id][0])
                ),
                comment=block.comment
                and Comment(
                    id=block.comment.id,
                    label=_two(block.comment.label),
                    required=block.comment.id in required,
                ),
            )
            for block in default.blocks
        ),
    )
    check(definition)
    return definition


def published(definition: Definition, slug: str = "every-type") -> QuestionnaireVersion:
    """The definition as a version, without mails."""
    questionnaire = Questionnaire.objects.create(slug=slug, name=slug)
    return QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=1,
        definition=to_builtins(definition),
        published_at=timezone.now(),
    )


def _two(text: dict[str, str]) -> dict[str, str]:
    return {language: text[language] for language in LANGUAGES}


def _bilingual(item: Item) -> Item:
    return msgspec.structs.replace(
        item,
        stem={language: item.stem[language] for language in LANGUAGES},
        stem_several=item.stem_several and _two(item.stem_several),
        options=tuple(
            msgspec.structs.replace(option, label=_two(option.label)) for option in item.options
        ),
    )
