"""In which forms a connection writes ratings into its helpdesk, as fields of the connection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from surveys.api.doing import fault, storable
from surveys.models import Connection
from surveys.services.writing import choosing
from surveys.services.writing.choosing import LONGEST_FIELD, FormFault, Forms

#: What the fields of `Forms` are called here.
_CALLED: Final = {"note": "notes", "tags": "writes_tags", "prefix": "tag_prefix"}


class ChangedForms(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    notes: str | UnsetType = UNSET
    writes_tags: bool | UnsetType = UNSET
    tag_prefix: str | UnsetType = UNSET
    fix_field: str | UnsetType = UNSET
    cause_field: str | UnsetType = UNSET


def told(connection: Connection) -> dict[str, Any]:
    """In which forms it writes."""
    return {
        "notes": choosing.choice_of(connection),
        "writes_tags": connection.writes_tags,
        "tag_prefix": connection.tag_prefix,
        "fix_field": connection.fix_field,
        "cause_field": connection.cause_field,
    }


def choose(connection: Connection, sent: ChangedForms) -> None:
    """All forms at once: switched off one after the other, what waits would be gone before the
    next one is on.

    Raises: Problem 400 with the field's name.
    """
    named = [name for name in ChangedForms.__struct_fields__ if getattr(sent, name) is not UNSET]
    if not named:
        return
    forms = _wanted(choosing.forms_of(connection), sent)
    if not forms.tags and forms.prefix != connection.tag_prefix:
        raise fault("tag_prefix", "is of tags, which are not written: send writes_tags with it")
    try:
        choosing.choose(connection, forms)
    except FormFault as error:
        field = _CALLED.get(error.field, error.field)
        asking = [name for name in named if getattr(sent, name) not in ("none", "", False)]
        raise fault(field if field in named else (asking or named)[0], str(error)) from error


def _wanted(forms: Forms, sent: ChangedForms) -> Forms:
    if sent.notes is not UNSET:
        if sent.notes not in choosing.CHOICES:
            raise fault("notes", f"must be one of {', '.join(choosing.CHOICES)}")
        forms = replace(forms, note=sent.notes != "none", comments=sent.notes == "comments")
    if sent.writes_tags is not UNSET:
        forms = replace(forms, tags=sent.writes_tags)
    if sent.tag_prefix is not UNSET:
        forms = replace(forms, prefix=sent.tag_prefix.strip())
    if sent.fix_field is not UNSET:
        forms = replace(forms, fix_field=_field("fix_field", sent.fix_field))
    if sent.cause_field is not UNSET:
        forms = replace(forms, cause_field=_field("cause_field", sent.cause_field))
    return forms


def _field(name: str, text: str) -> str:
    return storable(name, text.strip(), LONGEST_FIELD)
