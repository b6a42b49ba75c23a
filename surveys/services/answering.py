"""Finds the survey behind a link and stores what was answered.

A link is looked up in one statement and a post is stored in one more, which commits by itself:
the response, its revision and the note for aggregation exist together or not at all. A first answer
does without the look-up where its page says what it was made by (`first_answers`). Nothing here
needs Redis, so an answer is accepted while the broker is away.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Event
from typing import Any, Final, cast

import msgspec
from django.db import IntegrityError, InterfaceError, OperationalError

from surveys.questionnaire.asking import Answer, Arm, Asks, Facts, Rotation
from surveys.services import brands, first_answers, kept_connection
from surveys.services.asked import Asked as Asked
from surveys.services.asked import State as State
from surveys.services.first_answers import NotAsSaidError
from surveys.services.outgoing import noting
from surveys.services.published import PICKERS, offered, published
from surveys.services.published import definition_of as definition_of
from surveys.services.tokens import hash_of

# Which column holds which item. What has no column of its own stands in `extra`, by its id.
ITEM_COLUMNS: Final[Mapping[str, str]] = {
    item: item.lower() for item in ("F1", "F2", "F3", "S1", "C1", "C2", "C3", "C4", "O1", "O2")
}
COMMENT_COLUMNS: Final = ("fix_comment", "cause_comment")
_COLUMN_OF: Final = {**ITEM_COLUMNS, **{comment: comment for comment in COMMENT_COLUMNS}}
_TYPES: Final = {
    **dict.fromkeys(ITEM_COLUMNS.values(), "smallint"),
    **dict.fromkeys(COMMENT_COLUMNS, "text"),
    "f3": "smallint[]",
    "extra": "jsonb",
}
EXTRA: Final = "extra"


@dataclass(frozen=True, slots=True)
class Stored:
    """The response as it stands after a post; ``response_id`` is None where nothing was ever
    answered. ``revision`` did not grow if the post changed nothing."""

    response_id: int | None
    revision: int
    completed: bool


class NotOpenError(Exception):
    """The survey closed, or its case was reopened, before the answers arrived: none was stored."""


# A cause that was picked stays on offer, even where the taxonomy has dropped it since: sending the
# page again would otherwise take the answer back.
_CAUSES: Final = """
SELECT COALESCE(jsonb_agg(jsonb_build_array(w.code, w.name, w.names)), '[]')
  FROM surveys_cause w
 WHERE w.mapped_at IS NOT NULL
   AND (NOT w.is_sample OR NOT EXISTS (
        SELECT 1 FROM surveys_cause WHERE mapped_at IS NOT NULL AND NOT is_sample))
    OR w.code IN (SELECT value FROM jsonb_each_text(COALESCE(r.extra, '{}')))
"""
# Set once a survey was met that names its product.
_naming: Final = Event()
_PRODUCT: Final = (
    "o.name", "ARRAY(SELECT name FROM surveys_product WHERE merged_into_id = o.id ORDER BY name)",
    "LEFT JOIN surveys_product o ON o.id = s.product_id",
)  # fmt: skip


@cache
def _find_statement(*, product: bool, causes: bool) -> str:
    """The look-up of a link by its hash, after the versions that ask for the causes.

    Product and causes are null where no survey of this process wants them: PostgreSQL sets up every
    join and sub-query of a statement again each time. Times as seconds and a response as one value:
    reading a type of its own, or the twenty columns of a response that is not there yet, took a
    fourteenth of an answer's processor time.
    """
    name, former, joined = _PRODUCT if product else ("NULL", "NULL", "")
    offered = f"({_CAUSES})" if causes else "NULL"
    return f"""
SELECT i.status, i.version_id, i.asks, i.arm, i.rotation, i.language,
       extract(epoch FROM i.expires_at)::float8,
       s.human_handled, s.n_agents, s.channel,
       b.id, extract(epoch FROM b.changed_at)::float8,
       {name}, {former},
       CASE WHEN i.version_id = ANY(%s::bigint[]) THEN {offered} END,
       CASE WHEN s.reopened_at IS NOT NULL
            THEN (SELECT c.status FROM surveys_case c WHERE c.id = s.case_id) END,
       to_jsonb(r)
  FROM surveys_invitation i
  JOIN surveys_resolution s ON s.id = i.resolution_id
  LEFT JOIN surveys_policy p ON p.id = i.policy_id
  LEFT JOIN surveys_brand b ON b.id = p.brand_id
  LEFT JOIN surveys_response r ON r.invitation_id = i.id
  {joined}
 WHERE i.token_hash = %s
"""  # noqa: S608 -- the names are ours


def find(token: str, now: dt.datetime) -> Asked | None:
    """The survey a link opens, or None for a link that was never given out or is revoked."""
    token_hash = hash_of(token)
    row = _look_up(token_hash)
    if row is None or row[1] is None:
        return None
    (status, version_id, asks, arm, rotation, language, expires) = row[:7]
    (human_handled, n_agents, channel, brand_id, brand_changed, product, former) = row[7:14]
    (causes, case_since, stored) = row[14:]
    response = json.loads(stored) if stored else {}
    expires_at = _moment(expires)
    state = _state(status, expires_at, case_since, now)
    if state is None:
        return None
    matter = published(version_id, asks).matter
    look = brands.look(brand_id, _moment(brand_changed))
    names_product = "product" in matter or (look is not None and look.names_product)
    if names_product and former is None:
        _naming.set()
        return find(token, now)  # the first of its kind: from now on products are read
    if causes is None and "causes" in matter:
        return find(token, now)  # the first look at this version: from now on it reads the causes
    answers = _answers(response)
    return Asked(
        token_hash=token_hash,
        state=state,
        version_id=version_id,
        asks=cast(Asks, asks),
        arm=cast(Arm, arm),
        rotation=cast(Rotation, rotation),
        # Only what makes a difference: equal pages are then compiled once.
        facts=Facts(
            human_handled,
            n_agents,
            channel=channel if "channel" in matter else "",
            product=product or "" if names_product else "",
            causes=offered(causes, _written(answers)) if "causes" in matter else (),
            product_was=tuple(former) if "product" in matter else (),
        ),
        look=look,
        language=language,
        expires_at=expires_at,
        answers=answers,
        response_id=response.get("id"),
        answered_in=response.get("language"),
        completed=response.get("completed_at") is not None,
        wants_call_back=bool(response.get("wants_call_back")),
        wants_news=bool(response.get("wants_news")),
    )


def _moment(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)


def _written(answers: Mapping[str, Answer]) -> frozenset[str]:
    """Whatever may be the code of a cause that was picked."""
    return frozenset(answer for answer in answers.values() if isinstance(answer, str))


def _look_up(token_hash: bytes) -> tuple[Any, ...] | None:
    """The row of a link. It only reads, so after a lost connection it is asked once more."""
    try:
        return _fetch_link(token_hash)
    except (OperationalError, InterfaceError):
        if not kept_connection.was_lost():
            raise
        return _fetch_link(token_hash)


def _fetch_link(token_hash: bytes) -> tuple[Any, ...] | None:
    statement = _find_statement(product=_naming.is_set(), causes=bool(PICKERS))
    return kept_connection.fetch(statement, [_array(tuple(PICKERS)), token_hash])


def _state(
    status: str, expires_at: dt.datetime | None, case_since: str | None, now: dt.datetime
) -> State | None:
    """None for a revoked link. ``case_since`` is the case's status where this resolution was
    reopened: once it is resolved again, the next invitation asks about it and this link is over.
    A mail that is being sent, or perhaps was, is open: whoever holds its link has got it."""
    if case_since is not None:
        return State.CLOSED if case_since == "resolved" else State.REOPENED
    if status in {"skipped", "cancelled"}:
        return None
    if status == "expired" or (expires_at is not None and expires_at <= now):
        return State.CLOSED
    return State.OPEN


def _answers(response: Mapping[str, Any]) -> dict[str, Answer]:
    if not response:
        return {}
    stored = {item: response[column] for item, column in _COLUMN_OF.items()} | response[EXTRA]
    return {
        item: tuple(value) if isinstance(value, list) else value
        for item, value in stored.items()
        if value not in (None, "", [])
    }


@lru_cache(maxsize=256)
def _store_statement(
    posted: tuple[str, ...], headlines: tuple[str, ...], *, as_said: bool = False
) -> str:
    """The one statement that stores a post of these columns.

    Only what was posted is named: a page always posts the same few columns, so few statements are
    prepared. ``as_said``: it is a first answer by what its page said, and stored if all of that is
    still so; there is nothing to merge it with.
    """
    inserted = posted + tuple(c for c in COMMENT_COLUMNS if c not in posted)
    return f"""
WITH opened AS (
  SELECT i.id, i.is_sample
    FROM surveys_invitation i JOIN surveys_resolution s ON s.id = i.resolution_id
   WHERE i.token_hash = %(token_hash)s
     AND i.status NOT IN ('skipped', 'cancelled', 'expired')
     AND (i.expires_at IS NULL OR i.expires_at > %(now)s)
     AND s.reopened_at IS NULL{first_answers.AS_SAID if as_said else ""}
), stored AS (
  INSERT INTO surveys_response AS r (
    invitation_id, language, answered_at, changed_at, completed_at, n_revisions,
    wants_call_back, wants_news, is_sample, {", ".join(inserted)})
  SELECT id, %(language)s, %(now)s, %(now)s,
         CASE WHEN %(complete)s::boolean THEN %(now)s::timestamptz END, 1,
         false, false, is_sample, {", ".join(f"%({c})s::{_TYPES[c]}" for c in inserted)}
    FROM opened
   WHERE %(content)s::boolean{"" if as_said else _OR_ANSWERED}
  ON CONFLICT (invitation_id) DO {"NOTHING" if as_said else _merge(posted, headlines)}
  RETURNING id, n_revisions, completed_at, invitation_id, is_sample
), revision AS (
  INSERT INTO surveys_responserevision (response_id, number, answers, submitted_at)
  SELECT id, n_revisions, %(revision)s::jsonb, %(now)s FROM stored
), change AS (
  INSERT INTO surveys_answerchange (response_id, created_at) SELECT id, %(now)s FROM stored
), told AS ({noting.ANSWERED})
SELECT stored.id, stored.n_revisions, stored.completed_at IS NOT NULL
  FROM {"stored" if as_said else "opened LEFT JOIN stored ON true"}
"""  # noqa: S608 -- the names are ours


_OR_ANSWERED: Final = """
      OR EXISTS (SELECT 1 FROM surveys_response WHERE invitation_id = opened.id)"""


def _merge(posted: tuple[str, ...], headlines: tuple[str, ...]) -> str:
    """What a post changes of what was answered before.

    It happens inside ON CONFLICT, where PostgreSQL holds the row's newest state under its lock. Two
    tabs sending at once are therefore applied one after the other, neither loses what the other
    wrote, and a repeated post finds nothing to change and writes nothing.
    """
    new = {column: f"EXCLUDED.{column}" for column in posted}
    if EXTRA in new:
        new[EXTRA] = "(r.extra || EXCLUDED.extra) - %(taken_back)s::text[]"
    changed = " OR ".join(f"r.{c} IS DISTINCT FROM ({value})" for c, value in new.items())
    changed = changed or "false"
    complete = " AND ".join(
        f"{'EXCLUDED' if column in posted else 'r'}.{column} IS NOT NULL" for column in headlines
    )
    complete = f"(%(last)s OR ({complete or 'true'}))"
    return f"""UPDATE SET
    {"".join(f"{c} = {value}, " for c, value in new.items())}
    language = EXCLUDED.language,
    changed_at = EXCLUDED.changed_at,
    completed_at = COALESCE(r.completed_at, CASE WHEN {complete} THEN %(now)s END),
    n_revisions = r.n_revisions + 1
  WHERE {changed} OR (r.completed_at IS NULL AND {complete})
  """


_CURRENT: Final = """
SELECT r.id, r.n_revisions, r.completed_at IS NOT NULL
  FROM surveys_response r JOIN surveys_invitation i ON i.id = r.invitation_id
 WHERE i.token_hash = %s
"""


def store_answers(
    asked: Asked,
    answers: Mapping[str, Answer],
    *,
    language: str,
    now: dt.datetime,
    last_page: bool = False,
) -> Stored:
    """Store a post's answers, durably when this returns.

    ``answers`` come from ``rendering.parse_answers``: what is in it replaces an earlier answer
    (``""`` and ``()`` take it back), what is not in it stays. A response is complete once every
    headline is answered or the last page was sent; it never becomes incomplete again.

    Raises: NotOpenError where the survey closed meanwhile; NotAsSaidError where ``asked`` is what
    the page said, and nothing was stored by it; OperationalError and its kin where the database is
    away, and then nothing was acknowledged.
    """
    values = _column_values(answers)
    headlines = _headline_columns(asked.version_id, asked.asks)
    own = _own_answers(answers)
    given = {item: answer for item, answer in own.items() if answer not in ("", ())}
    parameters: dict[str, Any] = {
        **dict.fromkeys(COMMENT_COLUMNS, ""),
        **values,
        "last": last_page,
        "complete": last_page or all(values.get(column) is not None for column in headlines),
        "content": bool(given) or any(value not in (None, "") for value in values.values()),
        EXTRA: _as_json(given),
        "taken_back": [item for item in own if item not in given],
        "language": language,
        "now": now,
        "token_hash": asked.token_hash,
        "revision": _as_json(answers),
        **(first_answers.parameters(asked) if asked.as_said else {}),
    }
    posted = (*sorted(values), EXTRA) if own else tuple(sorted(values))
    statement = _store_statement(posted, headlines, as_said=asked.as_said)
    not_stored = NotAsSaidError if asked.as_said else NotOpenError
    try:
        row = _run(statement, parameters)
    except IntegrityError as error:  # the invitation was erased between lookup and insert
        raise not_stored from error
    except (OperationalError, InterfaceError) as error:
        if not asked.as_said or not kept_connection.was_lost():
            raise
        raise NotAsSaidError from error  # perhaps stored: whoever sends it again changes nothing
    if row is None:
        raise not_stored
    return Stored(*row)


def _run(statement: str, parameters: Mapping[str, Any]) -> tuple[int | None, int, bool] | None:
    """The response after the statement, None where the survey was not open to it."""
    row = kept_connection.fetch(statement, parameters)
    if row is not None and row[0] is None:  # nothing changed
        row = kept_connection.fetch(_CURRENT, [parameters["token_hash"]]) or (None, 0, False)
    return row


def _array(numbers: Iterable[int]) -> str:
    """An array in PostgreSQL's own notation: psycopg takes four times as long to adapt a list."""
    return f"{{{','.join(map(str, numbers))}}}"


def _as_json(answers: Mapping[str, Answer]) -> str:
    return msgspec.json.encode(answers).decode()


def _column_values(answers: Mapping[str, Answer]) -> dict[str, object]:
    """The answers that have a typed column, by column."""
    values: dict[str, object] = {}
    for item, answer in answers.items():
        if item in COMMENT_COLUMNS:
            values[item] = answer
        elif item in ITEM_COLUMNS:
            values[ITEM_COLUMNS[item]] = (
                (_array(answer) if answer else None) if isinstance(answer, tuple) else answer
            )
    return values


def _own_answers(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers to items of the designer's own."""
    return {
        item: answer
        for item, answer in answers.items()
        if item not in ITEM_COLUMNS and item not in COMMENT_COLUMNS
    }


@lru_cache(maxsize=256)
def _headline_columns(version_id: int, asks: Asks) -> tuple[str, ...]:
    items = published(version_id, asks).definition.items
    return tuple(ITEM_COLUMNS[i.id] for i in items if i.headline and i.id in ITEM_COLUMNS)
