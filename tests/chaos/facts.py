"""What stands in the database at the end, read by plain SQL and by nothing of the product."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import psycopg


@dataclass(frozen=True)
class Invited:
    """An invitation with its case; times in seconds since the epoch."""

    id: int
    case: str
    resolution: int
    email: str
    status: str
    expires_at: float | None


@dataclass(frozen=True)
class Mailed:
    """A row of the outbox, with the message id that its mail has."""

    id: int
    invitation: int
    kind: str
    status: str
    due_at: float
    in_flight_at: float | None
    sent_at: float | None
    message_id: str


@dataclass(frozen=True)
class Facts:
    """Everything that reconciling looks at. `cases`: (external id, subject, status); `events`:
    (case, status, seconds); `resolutions`: (case, id); `answers`: by hash of the link's token, the
    columns with the counts of revisions told and there are; `uncounted`: hashes of answers that the
    aggregates do not know, or know otherwise; `differences`: what a recount finds."""

    cases: list[tuple[str, str, str]]
    events: list[tuple[str, str, float]]
    resolutions: list[tuple[str, int]]
    invitations: list[Invited]
    mails: list[Mailed]
    answers: dict[bytes, dict[str, Any]]
    uncounted: set[bytes]
    suppressed: set[str]
    differences: list[str]


# Times as seconds since the epoch.
_CASES: Final = "SELECT external_id, subject, status FROM surveys_case"
_EVENTS: Final = (
    "SELECT c.external_id, e.status, extract(epoch FROM e.occurred_at)::float8"
    " FROM surveys_caseevent e JOIN surveys_case c ON c.id = e.case_id"
)
_RESOLUTIONS: Final = (
    "SELECT c.external_id, r.id FROM surveys_resolution r JOIN surveys_case c ON c.id = r.case_id"
)
_INVITATIONS: Final = (
    "SELECT i.id, c.external_id, r.id, u.email, i.status,"
    " extract(epoch FROM i.expires_at)::float8"
    " FROM surveys_invitation i JOIN surveys_resolution r ON r.id = i.resolution_id"
    " JOIN surveys_case c ON c.id = r.case_id LEFT JOIN surveys_customer u ON u.id = i.customer_id"
)
_MAILS: Final = (
    "SELECT d.id, d.invitation_id, d.kind, d.status, extract(epoch FROM d.due_at)::float8,"
    " extract(epoch FROM d.in_flight_at)::float8, extract(epoch FROM d.sent_at)::float8, i.nonce"
    " FROM surveys_delivery d JOIN surveys_invitation i ON i.id = d.invitation_id"
)
_ANSWERS: Final = (
    "SELECT i.token_hash, r.f1, r.c1, r.fix_comment, r.cause_comment, r.n_revisions,"
    " (SELECT count(*) FROM surveys_responserevision v WHERE v.response_id = r.id) AS n_stored"
    " FROM surveys_response r JOIN surveys_invitation i ON i.id = r.invitation_id"
)
_UNCOUNTED: Final = (
    "SELECT i.token_hash FROM surveys_response r"
    " JOIN surveys_invitation i ON i.id = r.invitation_id"
    " LEFT JOIN analytics_countedresponse k ON k.response_id = r.id"
    " WHERE k.response_id IS NULL OR (k.f1, k.c1) IS DISTINCT FROM (r.f1, r.c1)"
)
_SUPPRESSED: Final = "SELECT email FROM surveys_suppression"


def read(database: psycopg.Connection[Any], differences: list[str]) -> Facts:
    """All of it, as of now."""

    def rows(sql: str) -> list[tuple[Any, ...]]:
        return database.execute(sql).fetchall()

    names = ("f1", "c1", "fix_comment", "cause_comment", "n_revisions", "n_stored")
    return Facts(
        cases=[(row[0], row[1], row[2]) for row in rows(_CASES)],
        events=[(row[0], row[1], row[2]) for row in rows(_EVENTS)],
        resolutions=[(row[0], row[1]) for row in rows(_RESOLUTIONS)],
        invitations=[Invited(*row) for row in rows(_INVITATIONS)],
        mails=[Mailed(*[*row, _message_id(nonce.bytes, row[2])]) for *row, nonce in rows(_MAILS)],
        answers={bytes(row[0]): dict(zip(names, row[1:], strict=True)) for row in rows(_ANSWERS)},
        uncounted={bytes(row[0]) for row in rows(_UNCOUNTED)},
        suppressed={row[0] for row in rows(_SUPPRESSED)},
        differences=differences,
    )


def _message_id(nonce: bytes, kind: str) -> str:
    """The part before the @: the same for every attempt at one mail."""
    return hashlib.sha256(nonce + kind.encode()).hexdigest()[:32]
