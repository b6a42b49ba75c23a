"""The questionnaire every installation starts with.

Source: the order, dimensions, scales and wording follow complaint-handling research: fix and
cause on separate pages behind a joint lead-in (Schwarz 1991; Wirtz 2001, 2003), item-specific,
fully labelled scales (Krosnick & Tahk; Revilla 2014), outcome, agent and process apart
(Orsingher 2010), avoidability and recurrence (Van Vaerenbergh 2014).
"""

from __future__ import annotations

from functools import cache

from .documents import check
from .schema import SCHEMA_VERSION, Block, Comment, Definition, FactRule, Item, ItemType, Option
from .texts import DEFAULT_LANGUAGE, catalogue, languages


def _texts(key: str) -> dict[str, str]:
    return {language: catalogue(language)["questionnaire"][key] for language in languages()}


def _options(
    item_id: str, count: int, *, exclusive: int = 0, outside: int = 0
) -> tuple[Option, ...]:
    return tuple(
        Option(
            value=value,
            label=_texts(f"{item_id}_{value}"),
            exclusive=value == exclusive,
            outside_scale=value == outside,
        )
        for value in range(1, count + 1)
    )


def _item(
    item_id: str,
    dimension: str,
    type_: ItemType = "rating",
    count: int = 5,
    *,
    headline: bool = False,
    rotation: str | None = None,
    exclusive: int = 0,
    outside: int = 0,
) -> Item:
    return Item(
        id=item_id,
        dimension=dimension,
        type=type_,
        stem=_texts(item_id),
        options=_options(item_id, count, exclusive=exclusive, outside=outside),
        headline=headline,
        rotation=rotation,
    )


def _agent_item() -> Item:
    """F2: of one person, of several people, or not asked where nobody handled the case."""
    return Item(
        id="F2",
        dimension="fix.agent",
        type="rating",
        stem=_texts("F2"),
        stem_several=_texts("F2_several"),
        options=_options("F2", 5),
        skip_when=(FactRule(fact="human_handled", op="eq", value=0),),
    )


@cache
def default_definition() -> Definition:
    """F1 F2 F3 S1 · C1 C2 C3 · O1 and, by rotation, C4 or O2: nine items at most.

    C4 stands with the closing items although it counts for the cause: it shares its place with
    O2, and so both main pages are the same for everyone.
    """
    fix = Block(
        id="fix",
        dimension="fix",
        items=(
            _item("F1", "fix.overall", headline=True),
            _agent_item(),
            _item("F3", "fix.process", "multiple", exclusive=5),
            _item("S1", "fix.outcome", "single", 4),
        ),
        comment=Comment(id="fix_comment", label=_texts("fix_comment")),
    )
    cause = Block(
        id="cause",
        dimension="cause",
        items=(
            _item("C1", "cause.overall", headline=True),
            _item("C2", "cause.avoidable"),
            _item("C3", "cause.recurrence", "single", 4),
        ),
        comment=Comment(id="cause_comment", label=_texts("cause_comment")),
    )
    closing = Block(
        id="closing",
        dimension="outcome",
        items=(
            _item("O1", "outcome.repurchase"),
            _item("C4", "cause.expectation", count=6, rotation="closing", outside=6),
            _item("O2", "outcome.forgiveness", rotation="closing"),
        ),
    )
    definition = Definition(
        version=SCHEMA_VERSION,
        default_language=DEFAULT_LANGUAGE,
        languages=languages(),
        lead_in=_texts("lead_in"),
        thanks=_texts("thanks"),
        blocks=(fix, cause, closing),
    )
    check(definition)
    return definition
