"""Whether a connection writes ratings back, in which form, and what of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from surveys.helpdesks.notes import NOTES
from surveys.helpdesks.notes.fields import FIELDS, is_name, looks_like
from surveys.helpdesks.notes.tags import TAGS
from surveys.models import Connection, WriteBack
from surveys.models.connections import TAG_PREFIX
from surveys.services.connections import ConnectionFault

#: With the longest of our endings a tag has 32 characters, the most that Freshdesk takes.
LONGEST_PREFIX: Final = 17
PREFIX: Final = rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST_PREFIX - 1}}}"
LONGEST_FIELD: Final = 100


class FormFault(ConnectionFault):
    """What of the `Forms` cannot be: ``field`` is one of them, or "" where it is all."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Forms:
    """What is to be written: a note, with comments or without, tags that begin with `prefix`,
    numbers in fields."""

    note: bool = False
    comments: bool = False
    tags: bool = False
    prefix: str = TAG_PREFIX
    fix_field: str = ""
    cause_field: str = ""

    @property
    def writes(self) -> bool:
        return bool(self.note or self.tags or self.fix_field or self.cause_field)


#: What a note tells: nothing is written, the ratings, the comment as well.
CHOICES: Final = ("none", "ratings", "comments")


def choice_of(connection: Connection) -> str:
    """Which of `CHOICES` is made."""
    if not connection.writes_back:
        return "none"
    return "comments" if connection.writes_comments else "ratings"


def forms_of(connection: Connection) -> Forms:
    """What is written now."""
    return Forms(
        note=connection.writes_back,
        comments=connection.writes_comments,
        tags=connection.writes_tags,
        prefix=connection.tag_prefix,
        fix_field=connection.fix_field,
        cause_field=connection.cause_field,
    )


def is_offered(connection: Connection) -> bool:
    """Whether anything can be written into this helpdesk."""
    return connection.kind in NOTES


def takes_tags(connection: Connection) -> bool:
    """Whether its cases take tags."""
    return connection.kind in TAGS


def field_hint(connection: Connection) -> str:
    """What the ids of its fields look like, in words; "" where it takes none."""
    return looks_like(connection.kind) if connection.kind in FIELDS else ""


def choose(connection: Connection, forms: Forms) -> None:
    """Write about answers in these forms from now on, or in none. What waits is not written any
    more once all are switched off. Raises: FormFault.
    """
    if forms.writes:
        _check(connection, forms)
    connection.writes_back = forms.note
    connection.writes_comments = forms.note and forms.comments
    connection.writes_tags = forms.tags
    connection.tag_prefix = forms.prefix if forms.tags else connection.tag_prefix
    connection.fix_field, connection.cause_field = forms.fix_field, forms.cause_field
    connection.write_fault = ""
    if not forms.writes:
        WriteBack.objects.filter(connection=connection, status=WriteBack.Status.QUEUED).delete()
    connection.save(
        update_fields=[
            "writes_back", "writes_comments", "writes_tags", "tag_prefix", "fix_field",
            "cause_field", "write_fault",
        ]
    )  # fmt: skip


def _check(connection: Connection, forms: Forms) -> None:
    if not is_offered(connection):
        raise FormFault("", "Nothing can be written into this helpdesk.")
    if connection.api_access is None:
        raise FormFault("", "Enter a token first: ratings are written by it.")
    if forms.tags and not takes_tags(connection):
        raise FormFault("tags", "Its tickets take no tags; choose a note or fields.")
    if forms.tags and not re.fullmatch(PREFIX, forms.prefix):
        words = "The beginning of the tags has at most 17 lower-case letters, digits, - and _, "
        raise FormFault("prefix", f"{words}such as {TAG_PREFIX}.")
    named = {"fix_field": forms.fix_field, "cause_field": forms.cause_field}
    for field, name in named.items():
        if name and not is_name(connection.kind, name):
            raise FormFault(
                field, f"“{name[:50]}” is no field there: give {looks_like(connection.kind)}."
            )
    if forms.fix_field and forms.fix_field == forms.cause_field:
        words = "Fix and cause are two ratings: give each a field of its own."
        raise FormFault("cause_field", words)
