"""Questionnaires of the gallery against the default one: what a designed survey costs a respondent.

Both are answered in this process, in turn, a respondent of each after a respondent of the other, so
that whatever else the machine does meets both alike. The figure is the worst template's.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bench.table import Row

if TYPE_CHECKING:
    from surveys.questionnaire.schema import Definition, Item

SIZES = {"small": 100, "normal": 400, "large": 2_000}
#: Respondents of one questionnaire before the other's turn.
SLICE = 20
TARGET, MOST_BYTES = 1.2, 30 * 1024
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass
class _Spent:
    """Seconds of processor time per request, one number a slice."""

    gets: list[float]
    posts: list[float]
    page_bytes: int = 0


def run(size: str) -> list[Row]:
    """Three rows: GET and POST of the first page as multiples of the default's, and its bytes."""
    from django.core.management import call_command

    from config.wsgi import application
    from surveys.questionnaire.default import default_definition
    from surveys.questionnaire.gallery import templates

    n = SIZES[size]
    definitions = {"default": default_definition()} | {t.slug: t.definition for t in templates()}
    _fill(definitions, n)
    bodies = {slug: _body(definition) for slug, definition in definitions.items()}
    spent = {slug: _Spent([], []) for slug in definitions}
    for slug in definitions:  # pages are compiled and statements prepared before the clock starts
        _slice(application, slug, bodies[slug], range(1, SLICE + 1), _Spent([], []))
    for start in range(SLICE + 1, n + 1, SLICE):
        for slug in definitions:
            people = range(start, min(start + SLICE, n + 1))
            _slice(application, slug, bodies[slug], people, spent[slug])
    call_command("flush", interactive=False, verbosity=0)
    return _rows(spent)


def _rows(spent: dict[str, _Spent]) -> list[Row]:
    own = spent.pop("default")
    note = f"{len(spent)} templates of the gallery, first page, in one process, processor time"
    rows = []
    for what, name in (("gets", "GET"), ("posts", "POST")):
        limit = 1000 * statistics.median(getattr(own, what))
        worst = max(1000 * statistics.median(getattr(one, what)) for one in spent.values())
        rows.append(
            Row(
                path=f"designed survey: {name} against the default's",
                figure=worst,
                unit="ms",
                limit=limit,
                ratio=limit / worst,
                target=f"≤ {TARGET} ×",
                passed=worst / limit <= TARGET,
                note=f"{worst / limit:.2f} × at worst; {note}",
            )
        )
    largest = max(one.page_bytes for one in (own, *spent.values()))
    rows.append(
        Row(
            path="survey page: size",
            figure=largest / 1024,
            unit="KB",
            limit=None,
            ratio=None,
            target=f"< {MOST_BYTES // 1024} KB",
            passed=largest < MOST_BYTES,
            note="the largest first page of them, uncompressed",
        )
    )
    return rows


def _slice(application: Application, slug: str, body: bytes, people: range, spent: _Spent) -> None:
    since = time.process_time()
    for number in people:
        status, page = _ask(application, f"bench-{slug}-{number}")
        assert status == 200, (slug, status)
        spent.page_bytes = max(spent.page_bytes, len(page))
    between = time.process_time()
    for number in people:
        status, page = _ask(application, f"bench-{slug}-{number}", body)
        assert status == 303, (slug, status, page)
    spent.gets.append((between - since) / len(people))
    spent.posts.append((time.process_time() - between) / len(people))


def _ask(application: Application, token: str, body: bytes | None = None) -> tuple[int, bytes]:
    found: list[int] = []
    environ = {
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "PATH_INFO": f"/s/{token}/",
        "QUERY_STRING": "page=1" if body is None else "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body or b""),
        "CONTENT_LENGTH": str(len(body or b"")),
        "CONTENT_TYPE": "" if body is None else "application/x-www-form-urlencoded",
    }
    answer = application(environ, lambda status, _: found.append(int(status.split()[0])))
    page = b"".join(answer)
    answer.close()
    return found[0], page


def _body(definition: Definition) -> bytes:
    """Every question of the first page answered, and its comment."""
    block = definition.blocks[0]
    fields = [pair for item in block.items for pair in _answers(item)]
    if block.comment is not None:
        fields.append((block.comment.id, "The technician was friendly and quick, thank you."))
    return urlencode([("page", block.id), ("shown_in", "en"), *fields]).encode()


def _answers(item: Item) -> Iterator[tuple[str, str]]:
    if item.answer_values:
        yield item.id, str(item.answer_values[0])
    elif item.type == "number":
        yield item.id, str(item.low or 0)
    elif item.type == "date":
        yield item.id, "2026-03-31"
    elif item.type != "cause_picker":
        yield item.id, "Twice, and then it held."


_CASES = """
INSERT INTO surveys_case (source, external_id, status, subject, severity, tags, last_event_at,
                          is_sample, created_at)
SELECT 'bench', n::text, 'resolved', '', '', '{}', now(), false, now()
  FROM generate_series(1, %(n)s) n
"""
_RESOLUTIONS = """
INSERT INTO surveys_resolution (case_id, resolved_at, channel, severity, n_agents,
                                human_handled, is_sample)
SELECT id, now() + make_interval(secs => %(of)s), '', '', 1, true, false FROM surveys_case
"""
_INVITATIONS = """
INSERT INTO surveys_invitation (resolution_id, policy_id, version_id, status, reason,
                                reason_code, due_at, sent_at, expires_at, language, arm,
                                rotation, nonce, token_hash, is_sample, created_at)
SELECT r.id, p.id, %(version)s, 'sent', '', '', now(), now(), now() + interval '14 days', 'en',
       'fix_first', %(rotation)s, gen_random_uuid(),
       sha256(convert_to('bench-' || %(slug)s || '-' || c.external_id, 'UTF8')), false, now()
  FROM surveys_resolution r JOIN surveys_case c ON c.id = r.case_id, surveys_policy p
 WHERE NOT EXISTS (SELECT 1 FROM surveys_invitation i WHERE i.resolution_id = r.id)
"""


def _fill(definitions: dict[str, Definition], n: int) -> None:
    """`n` open invitations of each questionnaire, every one to a resolution of its own."""
    from django.core.management import call_command
    from django.db import connection

    from surveys.models import Questionnaire
    from surveys.questionnaire.rendering import rotations
    from surveys.services.publishing import Accepted, ensure_defaults, publish
    from surveys.services.reviewing import review

    call_command("flush", interactive=False, verbosity=0)
    ensure_defaults()
    with connection.cursor() as cursor:
        cursor.execute(_CASES, {"n": n})
        for place, (slug, definition) in enumerate(definitions.items()):
            questionnaire, _ = Questionnaire.objects.get_or_create(
                slug=slug, defaults={"name": slug}
            )
            version = questionnaire.versions.first()
            if version is None:
                warnings = review(questionnaire, definition).warnings
                reasons = [Accepted(one.code, one.path, "measured") for one in warnings]
                version = publish(questionnaire, definition, accepted_warnings=reasons)
            cursor.execute(_RESOLUTIONS, {"of": place})
            rotation = rotations(definition)[0]
            values = {"version": version.pk, "slug": slug, "rotation": rotation}
            cursor.execute(_INVITATIONS, values)
        cursor.execute("ANALYZE surveys_case, surveys_resolution, surveys_invitation")
