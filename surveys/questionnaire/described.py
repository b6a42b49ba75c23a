"""What every part of a definition means, in words, and its JSON Schema.

One table serves the OpenAPI document and the reference page, so neither can lag behind the other;
a test holds it against the structs.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Final

import msgspec

from .schema import (
    AnswerRule,
    Block,
    CaseRule,
    Comment,
    Definition,
    FactRule,
    Item,
    ItemType,
    Option,
)

#: The names under which the structs are published, the root first.
NAMES: Final[dict[str, str]] = {
    "Definition": "Questionnaire",
    "Block": "QuestionnaireBlock",
    "Item": "QuestionnaireItem",
    "Option": "QuestionnaireOption",
    "Comment": "QuestionnaireComment",
    "FactRule": "QuestionnaireFactRule",
    "AnswerRule": "QuestionnaireAnswerRule",
    "CaseRule": "QuestionnaireCaseRule",
}
STRUCTS: Final[dict[str, type[msgspec.Struct]]] = {
    struct.__name__: struct
    for struct in (Definition, Block, Item, Option, Comment, FactRule, AnswerRule, CaseRule)
}

ITEM_TYPES: Final[dict[ItemType, str]] = {
    "rating": "A scale of 5, 7 or 11 labelled points; an option may stand outside the scale.",
    "yes_no": "Exactly two options.",
    "single": "One of at least two options.",
    "multiple": "Any of at least two options; an exclusive one shuts out the others.",
    "short_text": "One line of text.",
    "long_text": "Several lines of text.",
    "number": "A whole number, between `low` and `high` where given.",
    "date": "A day.",
    "nps": "0 to 10 between `low_label` and `high_label`; off by default, reported by the lint.",
    "cause_picker": "One of the active causes of the installation; no options of its own.",
}

FIELDS: Final[dict[str, dict[str, str]]] = {
    "Definition": {
        "version": "Version of this schema, not of the wording.",
        "default_language": "What is shown where a customer's language is not offered.",
        "languages": "BCP 47 tags of all languages, among them the default.",
        "required_languages": "Must be complete to publish; null: all. An incomplete other "
        "language is not offered.",
        "lead_in": "Stands above the first page and announces both topics.",
        "thanks": "The sentence of the last page.",
        "blocks": "The pages: fix, cause and, if wanted, closing.",
        "randomise": "Half of the customers meet the cause first.",
    },
    "Block": {
        "id": "`fix`, `cause` or `closing`.",
        "dimension": "`fix`, `cause` or `outcome`: what the page counts for.",
        "items": "The questions in their order, at most 20.",
        "comment": "The free text at the end of the page.",
    },
    "Item": {
        "id": "A standard id, or one of your own such as `X1`; unique.",
        "dimension": "The side and what of it, such as `fix.agent`.",
        "type": "One of the types below.",
        "stem": "The question by language.",
        "options": "The answers of a choice type, values 1, 2, 3 … in order.",
        "headline": "Counts for its side and stands in the mail: F1 and C1.",
        "required": "The page is not taken without an answer.",
        "agent_visible": "Agents may read the answers to their own cases.",
        "hint": "A line under the question.",
        "stem_several": "The question where several people worked on the case.",
        "low": "The least number taken.",
        "high": "The greatest number taken.",
        "low_label": "What 0 of a recommendation scale means.",
        "high_label": "What 10 of a recommendation scale means.",
        "rotation": "Of the items with the same name here, chance chooses one.",
        "skip_when": "The item is left out where any of these rules applies.",
    },
    "Option": {
        "value": "The stored number.",
        "label": "The words by language.",
        "exclusive": "Shuts out all others, as in “None of these”.",
        "outside_scale": "No point of the scale, as in “Doesn't apply”; enters no mean or share.",
    },
    "Comment": {
        "id": "`fix_comment` or `cause_comment`.",
        "label": "The question by language.",
        "required": "The page is not taken without it; the lint advises against.",
    },
    "FactRule": {
        "on": "`fact`.",
        "fact": "`human_handled` (0 or 1) or `n_agents`.",
        "op": "Equal, less or greater.",
        "value": "What it is compared with.",
    },
    "AnswerRule": {
        "on": "`answer`.",
        "item": "An earlier item of the same page; on the closing page, any before it.",
        "values": "The answers that skip.",
    },
    "CaseRule": {
        "on": "`case`.",
        "fact": "`channel` or `product` of the case.",
        "op": "`in`: skipped for these values; `not_in`: for all others.",
        "values": "Names, compared without regard to upper and lower case.",
    },
}


def components() -> dict[str, dict[str, Any]]:
    """The JSON Schemas by published name, referring to each other as OpenAPI components."""
    template = "#/components/schemas/{name}"
    _, found = msgspec.json.schema_components([Definition], ref_template=template)
    return {NAMES[name]: _published(name, schema) for name, schema in found.items()}


def _published(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = _renamed(schema)
    described["title"] = NAMES[name]
    described["description"] = plain_words(STRUCTS[name].__doc__ or "")
    for field, words in FIELDS[name].items():
        described["properties"][field]["description"] = words
    return described


def plain_words(docstring: str) -> str:
    """The first paragraph of a docstring in one line, code in single backticks."""
    return " ".join(cleandoc(docstring).partition("\n\n")[0].replace("``", "`").split())


def _renamed(part: Any) -> Any:
    """The same schema with published names in its references."""
    if isinstance(part, dict):
        return {key: _renamed(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_renamed(value) for value in part]
    if isinstance(part, str) and part.startswith("#/components/schemas/"):
        head, _, name = part.rpartition("/")
        return f"{head}/{NAMES[name]}"
    return part
