"""The published description of a definition says everything and nothing else."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from surveys.questionnaire import described
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.questionnaire.gallery import templates
from surveys.questionnaire.schema import ItemType


def test_every_field_and_type_is_described() -> None:
    components = described.components()
    assert list(described.FIELDS) == list(described.NAMES) == list(described.STRUCTS)
    assert set(components) == set(described.NAMES.values())
    for name, published in described.NAMES.items():
        schema = components[published]
        assert set(described.FIELDS[name]) == set(schema["properties"]), name
        assert all(field["description"] for field in schema["properties"].values())
        assert schema["additionalProperties"] is False
        assert "``" not in schema["description"]
    assert set(described.ITEM_TYPES) == set(get_args(ItemType))


def test_references_stay_within_the_published_names() -> None:
    text = json.dumps(described.components())
    referred = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred == set(described.NAMES.values()) - {"Questionnaire"}


@pytest.mark.parametrize(
    "definition", [default_definition(), *(found.definition for found in templates())]
)
def test_definitions_fit_their_schema(definition: Any) -> None:
    components = described.components()
    assert _misfits(to_builtins(definition), components["Questionnaire"], components) == []


def _misfits(value: Any, schema: dict[str, Any], components: dict[str, Any]) -> list[str]:
    """Fields of a document that the schema does not know or misses; enough of a validator."""
    if "$ref" in schema:
        return _misfits(value, components[schema["$ref"].rpartition("/")[2]], components)
    choices = schema.get("anyOf", [])
    if choices:
        found = [_misfits(value, choice, components) for choice in choices]
        return min(found, key=len)
    if schema.get("type") == "array":
        if not isinstance(value, list):
            return ["no list"]
        return [m for part in value for m in _misfits(part, schema["items"], components)]
    if "properties" in schema:
        if not isinstance(value, dict):
            return ["no object"]
        known = schema["properties"]
        wrong = [name for name in value if name not in known]
        wrong += [name for name in schema.get("required", []) if name not in value]
        for name in set(value) & set(known):
            wrong += _misfits(value[name], known[name], components)
        return wrong
    if "enum" in schema and value not in schema["enum"]:
        return [f"{value!r} is none of {schema['enum']}"]
    return []
