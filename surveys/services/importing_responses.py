"""Answers that another tool collected: each makes its case, a survey marked as sent, a response.

Nobody is written to. The same file again changes nothing; a changed answer is a revision.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from surveys.models import (
    AnswerChange,
    Delivery,
    Invitation,
    QuestionnaireVersion,
    Response,
    ResponseRevision,
)
from surveys.questionnaire.asking import Answer, CauseName, Facts
from surveys.questionnaire.parsing import clean_comment, parse_item
from surveys.questionnaire.schema import MAX_COMMENT_CHARACTERS, Definition, Item
from surveys.services import intake
from surveys.services.answering import COMMENT_COLUMNS, ITEM_COLUMNS, definition_of
from surveys.services.importing import TakeBatch
from surveys.services.importing_csv import (
    CASE_COLUMNS,
    REQUIRED,
    Row,
    UnreadableFileError,
    moment_of,
    report_of,
)
from surveys.services.intake import Outcome
from surveys.services.intake_reading import EARLIEST
from surveys.services.intake_shapes import CaseReport, Rejected
from surveys.services.intake_sql import columns_of, execute, rows, with_retries

COLUMNS: Final = (*CASE_COLUMNS, "answered_at", *ITEM_COLUMNS, *COMMENT_COLUMNS)
NEEDED: Final = (*REQUIRED, "answered_at")
REASON: Final = "Imported history"
REASON_CODE: Final = "imported"
#: Rows in one statement: a batch of a file has more values than the 65,535 that one may have.
_AT_ONCE: Final = 1_000
_SEPARATORS: Final = re.compile(r"[,;|\s]+")
_TAKEN: Final = "is of a resolution that was surveyed or answered already; that is kept"
_ERASED: Final = "is of a customer who was erased on request"


# What a file said of each survey so far. A table of the session, so that the memory of an import
# does not grow with its file; the server keeps it on its disk, and drops it when we go.
_FORGET: Final = "DROP TABLE IF EXISTS pg_temp.judged_rows"
_REMEMBER: Final = (
    "CREATE TEMPORARY TABLE judged_rows (invitation_id bigint PRIMARY KEY, said bigint NOT NULL)"
)
_SAID: Final = (
    "SELECT invitation_id, said FROM pg_temp.judged_rows WHERE invitation_id = ANY(%s::bigint[])"
)
_MARK_SENT: Final = (
    "UPDATE surveys_invitation i SET status = 'sent', reason = %s, reason_code = %s, due_at = NULL,"
    " version_id = coalesce(i.version_id, %s), sent_at = k.at, language = k.language"
    " FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS k(id, at, language)"
    " WHERE i.id = k.id"
)
_NOTE_SAID: Final = (
    "INSERT INTO pg_temp.judged_rows SELECT * FROM unnest(%s::bigint[], %s::bigint[])"
    " ON CONFLICT DO NOTHING"
)


@dataclass(slots=True)
class _Answered:
    """A row that can be stored: its case, and what was answered when."""

    report: CaseReport
    answers: dict[str, Any]
    answered_at: datetime


def response_taker(source: str, now: datetime) -> TakeBatch:
    """Takes batches of rows as answered cases.

    Raises: UnreadableFileError where no questionnaire is published.
    """
    version_id = _version()
    definition = definition_of(version_id)
    execute(_FORGET)
    execute(_REMEMBER)

    def take(batch: list[Row]) -> list[Outcome]:
        read = [_read(row, source, now, definition) for row in batch]
        return with_retries(lambda: _take(read, now, version_id))

    return take


def all_columns() -> tuple[str, ...]:
    """The columns of a file: ours, and one for each question of the questionnaire's own.

    Raises: UnreadableFileError where no questionnaire is published.
    """
    return (*COLUMNS, *(item.id for item in _own_items(definition_of(_version()))))


def _version() -> int:
    """The version that imported answers count as answers to."""
    version = (
        QuestionnaireVersion.objects.filter(published_at__isnull=False)
        .order_by("questionnaire__policy__position", "-number")
        .first()
    )
    if version is None:
        raise UnreadableFileError("no questionnaire is published yet; publish one first")
    return version.pk


def _read(row: Row, source: str, now: datetime, definition: Definition) -> _Answered | Rejected:
    report = report_of(row, source, now)
    if isinstance(report, Rejected):
        return report
    faults: list[tuple[str, str]] = []
    if report.status != "resolved":
        faults.append(("status", "must be resolved: only then was a survey answered"))
    answered_at = moment_of(row.values.get("answered_at", ""))
    if answered_at is None or not EARLIEST <= answered_at <= now:
        faults.append(("answered_at", "is no time between the year 2000 and now"))
    answers = _answers(row, definition, faults)
    if not answers:
        faults.append(("", "has no answer to any item"))
    if faults or answered_at is None:
        return Rejected(report.external_id, faults)
    return _Answered(report, answers, answered_at)


def _answers(row: Row, definition: Definition, faults: list[tuple[str, str]]) -> dict[str, Any]:
    """The answers of a row by id; what is none is added to the faults."""
    answers: dict[str, Any] = {}
    for name in ITEM_COLUMNS:
        if text := row.values.get(name):
            value = _value(definition, name, text)
            if value is None:
                faults.append((name, f"has no such option ({text[:40]!r})"))
            answers[name] = value
    for item in _own_items(definition):
        if text := row.values.get(item.id):
            answer = _own_value(item, text)
            if answer in (None, ()):
                faults.append((item.id, f"is no answer to this question ({text[:40]!r})"))
            answers[item.id] = list(answer) if isinstance(answer, tuple) else answer
    for name in COMMENT_COLUMNS:
        if text := clean_comment(row.values.get(name, ""))[:MAX_COMMENT_CHARACTERS]:
            answers[name] = text
    return answers


def _own_items(definition: Definition) -> list[Item]:
    return [item for item in definition.items if item.id not in ITEM_COLUMNS]


def _own_value(item: Item, text: str) -> Answer | None:
    """The answer to a question of the designer's own; None where it is none."""
    values = _SEPARATORS.split(text) if item.type == "multiple" else [text]
    # Any code passes: a cause of former years may have left the taxonomy.
    facts = Facts(human_handled=True, n_agents=1, causes=(CauseName(text, text),))
    return parse_item(item, values, facts).answers.get(item.id)


def _value(definition: Definition, name: str, text: str) -> int | list[int] | None:
    """An option's number, or for "tick all" their list; None where there is no such option."""
    try:
        item = definition.item(name)
    except KeyError:
        return None
    numbers = [part for part in _SEPARATORS.split(text) if part]
    options = {str(option.value): option for option in item.options}
    if not numbers or any(number not in options for number in numbers):
        return None
    if item.type != "multiple":
        return int(numbers[0]) if len(numbers) == 1 else None
    if len(set(numbers)) > 1 and any(options[number].exclusive for number in numbers):
        return None
    return sorted({int(number) for number in numbers})


def _take(read: Sequence[_Answered | Rejected], now: datetime, version_id: int) -> list[Outcome]:
    """Store a batch. A file that contradicts itself keeps what it says first, in this batch or an
    earlier one, however often it is read."""
    reports = [item.report if isinstance(item, _Answered) else item for item in read]
    outcomes = intake.take(reports, now=now, is_history=True)
    answered = {
        number: item
        for number, item in enumerate(read)
        if isinstance(item, _Answered) and outcomes[number].outcome != intake.REJECTED
    }
    invitations = _invitations([item.report for item in answered.values()])
    stored = {
        response.invitation_id: response
        for response in Response.objects.filter(invitation__in=invitations.values())
    }
    judged = dict(rows(_SAID, sorted({found.pk for found in invitations.values()})))
    fresh: dict[int, _Answered] = {}
    for number, item in answered.items():
        if item.report.content.get("customer", {}).get("erased"):
            errors = [("", _ERASED)]
            outcomes[number] = Outcome(item.report.external_id, intake.REJECTED, errors)
            continue
        invitation = invitations[_place(item.report)]
        said = _fingerprint(item.answers)
        first = judged.get(invitation.pk)
        if first is not None:
            outcome = intake.UNCHANGED if first == said else intake.REJECTED
        else:
            outcome = _judge(invitation, stored.get(invitation.pk), item, now)
        if outcome != intake.REJECTED:
            judged[invitation.pk] = said
        if outcome == intake.CREATED:
            fresh[invitation.pk] = item
        errors = [("", _TAKEN)] if outcome == intake.REJECTED else []
        outcomes[number] = Outcome(item.report.external_id, outcome, errors)
    _store({i.pk: i for i in invitations.values()}, fresh, now, version_id)
    execute(_NOTE_SAID, list(judged), list(judged.values()))
    return outcomes


def _fingerprint(answers: Mapping[str, Any]) -> int:
    """Stands for an answer at the cost of a number; the same in this process only."""
    return hash(json.dumps(answers, sort_keys=True))


Place = tuple[str, str, str]


def _place(report: CaseReport) -> Place:
    """Which resolution a row is about."""
    return report.source, report.external_id, report.content["resolved_at"]


def _invitations(reports: Sequence[CaseReport]) -> dict[Place, Invitation]:
    """The locked invitation of each row's resolution: the one of that time, else the one in
    whose stretch of being resolved that time lies."""
    found = rows(
        "SELECT k.source, k.external_id, k.at, (SELECT i.id FROM surveys_resolution r"
        " JOIN surveys_invitation i ON i.resolution_id = r.id JOIN surveys_case c"
        " ON c.id = r.case_id WHERE c.source = k.source AND c.external_id = k.external_id"
        " ORDER BY r.resolved_at > k.at::timestamptz, abs(extract(epoch FROM"
        " r.resolved_at - k.at::timestamptz)) LIMIT 1)"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) AS k(source, external_id, at)",
        *columns_of([_place(report) for report in reports], 3),
    )
    ids = {row[3] for row in found}
    by_id = {
        invitation.pk: invitation
        for invitation in Invitation.objects.filter(pk__in=ids)
        .order_by("pk")
        .select_for_update(of=("self",))
        .select_related("customer")
    }
    return {(source, external_id, at): by_id[pk] for source, external_id, at, pk in found}


def _judge(
    invitation: Invitation,
    response: Response | None,
    item: _Answered,
    now: datetime,
) -> str:
    """What to make of a file's first row on a resolution; a changed answer is revised at once."""
    if response is None:
        unsent = invitation.status in ("scheduled", "skipped", "cancelled")
        return intake.CREATED if unsent else intake.REJECTED
    if _answers_of(response) == item.answers:
        return intake.UNCHANGED
    if invitation.reason_code != REASON_CODE:
        return intake.REJECTED
    _revise(response, item, now)
    return intake.UPDATED


def _answers_of(response: Response) -> dict[str, Any]:
    columns = {**ITEM_COLUMNS, **{name: name for name in COMMENT_COLUMNS}}
    found = {name: getattr(response, column) for name, column in columns.items()}
    given = {name: value for name, value in found.items() if value not in (None, "", [])}
    return {**given, **response.extra}


def _fields(answers: Mapping[str, Any]) -> dict[str, Any]:
    columns = {column: answers.get(name) for name, column in ITEM_COLUMNS.items()}
    typed = {*ITEM_COLUMNS, *COMMENT_COLUMNS}
    extra = {name: answer for name, answer in answers.items() if name not in typed}
    return columns | {name: answers.get(name, "") for name in COMMENT_COLUMNS} | {"extra": extra}


def _revise(response: Response, item: _Answered, now: datetime) -> None:
    fields = _fields(item.answers) | {"n_revisions": response.n_revisions + 1, "changed_at": now}
    Response.objects.filter(pk=response.pk).update(**fields)
    ResponseRevision.objects.create(
        response=response,
        number=response.n_revisions + 1,
        answers=item.answers,
        submitted_at=item.answered_at,
    )
    AnswerChange.objects.create(response_id=response.pk)


def _store(
    invitations: Mapping[int, Invitation],
    fresh: Mapping[int, _Answered],
    now: datetime,
    version_id: int,
) -> None:
    if not fresh:
        return
    Delivery.objects.filter(invitation__in=fresh, status__in=("queued", "cancelled")).delete()
    responses, sent = [], []
    for number, item in fresh.items():
        customer = invitations[number].customer
        language = (customer.language if customer else "") or "en"
        sent.append((number, item.answered_at, language))
        responses.append(
            # By number: an object would know its answer too, and a circle outlives its batch.
            Response(
                invitation_id=number,
                language=language,
                answered_at=item.answered_at,
                changed_at=item.answered_at,
                completed_at=item.answered_at,
                **_fields(item.answers),
            )
        )
    execute(_MARK_SENT, REASON, REASON_CODE, version_id, *columns_of(sent, 3))
    Response.objects.bulk_create(responses, batch_size=_AT_ONCE)
    ResponseRevision.objects.bulk_create(
        [
            ResponseRevision(
                response_id=response.pk,
                number=1,
                answers=item.answers,
                submitted_at=item.answered_at,
            )
            for response, item in zip(responses, fresh.values(), strict=True)
        ],
        batch_size=_AT_ONCE,
    )
    changes = [AnswerChange(response_id=response.pk, created_at=now) for response in responses]
    AnswerChange.objects.bulk_create(changes, batch_size=_AT_ONCE)
