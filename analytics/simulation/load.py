"""Loading a made-up world: one binary COPY into a temporary table, then one statement per table.

Everything is one transaction under locks, so ids can be given out in blocks. What is loaded is
marked as sample data; it has no history of case events, and its links open nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import connection, transaction

from analytics.aggregates import blocks, recount, resolutions, write
from analytics.frames.answers import COLUMNS, CURRENT
from analytics.simulation.draws import CHANNELS, LANGUAGES, Draws, draw
from analytics.simulation.world import Flaw, Nature, World, world

SOURCE: Final = "simulated"
_RATINGS: Final = ("f1", "f2", "s1", "c1", "c2", "c3", "o1")
_TABLES: Final = (
    "surveys_team", "surveys_agent", "surveys_product", "surveys_cause", "surveys_customer",
    "surveys_case", "surveys_resolution", "surveys_resolutionagent", "surveys_invitation",
    "surveys_response", "surveys_answerchange",
)  # fmt: skip
_COPY_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_TRAILER: Final = b"\xff\xff"
_CHUNK: Final = 1 << 22

# A table of every identity, so that each of the four big tables is one plain scan.
_AT: Final = "%(first)s::timestamptz + interval '1 microsecond' * "
_CASES: Final = f"""
INSERT INTO surveys_case (id, source, external_id, status, customer_id, subject,
    severity, tags, opened_at, last_event_at, is_sample, created_at)
SELECT %(case)s + i, %(source)s, 'sim-' || %(seed)s::text || '-' || lpad(i::text, 8, '0'),
    'resolved', c.id, '', '', '{{}}', {_AT}opened, {_AT}resolved, TRUE, {_AT}resolved
FROM made JOIN made_customer AS c ON c.k = made.customer"""
_RESOLVED: Final = f"""
INSERT INTO surveys_resolution (id, case_id, resolved_at, team_id, product_id, cause_id,
    channel, severity, n_agents, human_handled, is_sample)
SELECT %(resolution)s + i, %(case)s + i, {_AT}resolved, t.id, p.id, c.id,
    (%(channels)s::text[])[made.channel], '', 1 + (second > 0)::integer, TRUE, TRUE
FROM made JOIN made_team AS t ON t.k = made.team JOIN made_cause AS c ON c.k = made.cause
JOIN made_product AS p ON p.k = c.product"""
_AGENTS: Final = """
INSERT INTO surveys_resolutionagent (resolution_id, agent_id, share)
SELECT %(resolution)s + i, a.id, CASE WHEN second > 0 THEN 0.5 ELSE 1 END
FROM made CROSS JOIN LATERAL (VALUES (agent), (second)) AS handled (k)
JOIN made_agent AS a USING (k)"""
_INVITATIONS: Final = f"""
INSERT INTO surveys_invitation (id, resolution_id, customer_id, policy_id, version_id,
    status, reason, reason_code, due_at, sent_at, expires_at, language, arm, rotation,
    nonce, token_hash, bounced_at, is_sample, created_at)
SELECT %(invitation)s + i, %(resolution)s + i, c.id, policy.id, version.id,
    CASE WHEN failed = 1 THEN 'failed'
         WHEN {_AT}sent + interval '14 days' < %(end)s THEN 'expired' ELSE 'sent' END,
    '', '', {_AT}sent, CASE WHEN failed = 0 THEN {_AT}sent END,
    {_AT}sent + interval '14 days', (%(languages)s::text[])[made.language],
    CASE fix_first WHEN 1 THEN 'fix_first' ELSE 'cause_first' END,
    CASE i %% 2 WHEN 1 THEN 'C4' ELSE 'O2' END, n.nonce, sha256(n.nonce::text::bytea),
    CASE bounced WHEN 1 THEN {_AT}sent + interval '1 minute' END, TRUE, {_AT}resolved
FROM made JOIN made_customer AS c ON c.k = made.customer
CROSS JOIN LATERAL (SELECT md5('sim-' || %(seed)s::text || '-' || i)::uuid) AS n (nonce)
LEFT JOIN LATERAL (SELECT id FROM surveys_policy ORDER BY position, id LIMIT 1)
    AS policy ON TRUE
LEFT JOIN LATERAL (SELECT id FROM surveys_questionnaireversion
    WHERE published_at IS NOT NULL ORDER BY id LIMIT 1) AS version ON TRUE"""
_NUMBERED: Final = """
UPDATE made SET response_id = nextval(pg_get_serial_sequence('surveys_response', 'id'))
WHERE answered >= 0"""
_RESPONSES: Final = f"""
INSERT INTO surveys_response (id, invitation_id, {", ".join(_RATINGS)}, fix_comment,
    cause_comment, language, answered_at, changed_at, completed_at, n_revisions,
    wants_call_back, wants_news, is_sample)
SELECT response_id, %(invitation)s + i,
    {", ".join(f"NULLIF({name}, 0)" for name in _RATINGS)}, '', '',
    (%(languages)s::text[])[language], {_AT}answered, {_AT}answered,
    CASE WHEN f1 > 0 AND c1 > 0 THEN {_AT}answered END, 1, FALSE, FALSE, TRUE
FROM made WHERE answered >= 0 ORDER BY response_id"""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was loaded, and the truth behind it."""

    cases: int
    responses: int
    truth: World


class AlreadySimulatedError(ValueError):
    """Cases of this seed are there already."""


def simulate(
    cases: int,
    seed: int,
    *,
    last_day: dt.date,
    agents: int = 40,
    causes: int = 20,
    days: int = 180,
    response_rate: float = 0.3,
    nature: Nature | None = None,
    flaw: Flaw | None = None,
    counted: bool = True,
) -> Simulated:
    """Load cases resolved in the `days` days up to `last_day`, and the answers to them.

    The same arguments load the same data. With `counted` the aggregates hold them at once; without,
    the answers wait to be counted as if they had just been given.

    Raises: AlreadySimulatedError; ValueError for a flaw that cannot be.
    """
    truth = world(seed, agents, causes, nature)
    drawn = draw(truth, seed, cases, days, response_rate, flaw)
    first = dt.datetime.combine(last_day - dt.timedelta(days=days - 1), dt.time.min, tzinfo=dt.UTC)
    with transaction.atomic():
        write.lock()
        with connection.cursor() as cursor:
            _prepare(cursor, seed)
            _stage(cursor, drawn)
            names = {"seed": seed, "first": first, "end": last_day + dt.timedelta(days=1)}
            _people(cursor, truth, names)
            responses = _events(cursor, cases, names)
            _note_days(cursor, first)
            # Inside a longer transaction triggers are needed again.
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
            if counted:
                _count(cursor)
            else:
                _let_wait(cursor)
    _analyze()
    return Simulated(cases, responses, truth)


def _analyze() -> None:
    with connection.cursor() as cursor:
        for table in (*_TABLES, "analytics_countedresponse", "analytics_fixday"):
            cursor.execute(f"ANALYZE {table}")


def _prepare(cursor: Any, seed: int) -> None:
    cursor.execute(
        "SELECT 1 FROM surveys_case WHERE source = %s AND external_id = %s",
        [SOURCE, _external(seed, 1)],
    )
    if cursor.fetchone():
        raise AlreadySimulatedError(f"cases of seed {seed} are there already")
    cursor.execute(f"LOCK TABLE {', '.join(_TABLES)} IN SHARE ROW EXCLUSIVE MODE")
    cursor.execute("SET LOCAL work_mem = '256MB'")
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone()[0]:
        # Every reference is to a row made here: checking each again takes longer than loading it.
        cursor.execute("SET LOCAL session_replication_role = replica")


def _external(seed: int, number: int) -> str:
    return f"sim-{seed}-{number:08d}"


def _stage(cursor: Any, drawn: Draws) -> None:
    """The draws as a temporary table `made`, one row per case; times in microseconds."""
    columns: dict[str, Any] = {
        "i": np.arange(1, len(drawn.cause) + 1),
        "cause": drawn.cause + 1,
        "team": drawn.team + 1,
        "agent": drawn.agent + 1,
        "second": drawn.second + 1,
        "channel": drawn.channel + 1,
        "language": drawn.language + 1,
        "customer": drawn.customer + 1,
        "failed": drawn.failed,
        "bounced": drawn.bounced,
        "fix_first": drawn.fix_first,
        "opened": drawn.opened * 1e6,
        "resolved": drawn.resolved * 1e6,
        "sent": drawn.sent * 1e6,
        "answered": np.where(drawn.answered < 0, -1, drawn.answered * 1e6),
        **{name: drawn.ratings[name] for name in _RATINGS},
    }
    typed = ", ".join(f"{name} bigint" for name in columns)
    cursor.execute(f"CREATE TEMPORARY TABLE made ({typed}, response_id bigint) ON COMMIT DROP")
    # Binary COPY: a count of fields, then length and value of each, all big-endian.
    layout = [("fields", ">i2")]
    for name in columns:
        layout += [(f"{name}_length", ">i4"), (name, ">i8")]
    table = np.zeros(len(drawn.cause), dtype=layout)
    table["fields"] = len(columns)
    for name, values in columns.items():
        table[f"{name}_length"] = 8
        table[name] = values
    packed = table.view(np.uint8).data
    with cursor.copy(f"COPY made ({', '.join(columns)}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(_COPY_HEADER)
        for start in range(0, len(packed), _CHUNK):
            copy.write(packed[start : start + _CHUNK])
        copy.write(_COPY_TRAILER)
    cursor.execute("ANALYZE made")


def _people(cursor: Any, truth: World, names: dict[str, Any]) -> None:
    """Teams, agents, products, causes and customers; tables from number to id for the rest."""
    _named(cursor, truth, names)
    _agents_and_causes(cursor, truth, names)
    _customers(cursor, names)


def _named(cursor: Any, truth: World, names: dict[str, Any]) -> None:
    """Teams and products."""
    for table, n in (("team", truth.n_teams), ("product", truth.n_products)):
        cursor.execute(
            f"CREATE TEMPORARY TABLE made_{table} ON COMMIT DROP AS"
            f" SELECT k, nextval(pg_get_serial_sequence('surveys_{table}', 'id')) AS id"
            " FROM generate_series(1, %(n)s::integer) AS k",
            {"n": n},
        )
        cursor.execute(
            f"INSERT INTO surveys_{table} (id, name, is_sample)"
            f" SELECT id, 'Simulated {table} ' || %(seed)s::text || '-' || k, TRUE"
            f" FROM made_{table}",
            names,
        )


def _agents_and_causes(cursor: Any, truth: World, names: dict[str, Any]) -> None:
    """Agents with their team, causes with the product they are of."""
    cursor.execute(
        "CREATE TEMPORARY TABLE made_agent ON COMMIT DROP AS"
        " SELECT k, team, nextval(pg_get_serial_sequence('surveys_agent', 'id')) AS id"
        " FROM unnest(%(team)s::bigint[]) WITH ORDINALITY AS a (team, k)",
        {"team": (truth.agent_team + 1).tolist()},
    )
    cursor.execute(
        "INSERT INTO surveys_agent (id, external_id, name, email, team_id, is_bot, is_sample)"
        " SELECT a.id, 'sim-agent-' || %(seed)s::text || '-' || a.k, 'Simulated agent ' || a.k,"
        " '', t.id, FALSE, TRUE FROM made_agent AS a JOIN made_team AS t ON t.k = a.team",
        names,
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE made_cause ON COMMIT DROP AS"
        " SELECT k, product, nextval(pg_get_serial_sequence('surveys_cause', 'id')) AS id"
        " FROM unnest(%(product)s::bigint[]) WITH ORDINALITY AS c (product, k)",
        {"product": (truth.cause_product + 1).tolist()},
    )
    cursor.execute(
        "INSERT INTO surveys_cause (id, code, name, description, mapped_at, is_sample)"
        " SELECT id, 'sim-cause-' || %(seed)s::text || '-' || k, 'Simulated cause ' || k, '',"
        " now(), TRUE FROM made_cause",
        names,
    )


def _customers(cursor: Any, names: dict[str, Any]) -> None:
    """One row per customer, by an address that nobody has."""
    cursor.execute(
        "CREATE TEMPORARY TABLE made_customer ON COMMIT DROP AS"
        " SELECT customer AS k, nextval(pg_get_serial_sequence('surveys_customer', 'id')) AS id,"
        " (array_agg(language))[1] AS language"
        " FROM (SELECT customer, language FROM made ORDER BY customer, i) AS c GROUP BY customer"
    )
    cursor.execute(
        "INSERT INTO surveys_customer (id, key, email, external_id, name, language, timezone,"
        " language_at)"
        " SELECT id, 'mail:' || address, address, '', '',"
        " (%(languages)s::text[])[language], '', %(first)s FROM made_customer,"
        " LATERAL (SELECT 'sim-' || %(seed)s::text || '-' || lpad(k::text, 8, '0')"
        " || '@customers.invalid') AS a (address) ORDER BY id",
        {**names, "languages": list(LANGUAGES)},
    )


def _events(cursor: Any, cases: int, names: dict[str, Any]) -> int:
    """Cases, resolutions, invitations and responses; how many responded."""
    values = {
        **names,
        "source": SOURCE,
        "channels": list(CHANNELS),
        "languages": list(LANGUAGES),
        "case": _block(cursor, "surveys_case", cases),
        "resolution": _block(cursor, "surveys_resolution", cases),
        "invitation": _block(cursor, "surveys_invitation", cases),
    }
    for statement in (_CASES, _RESOLVED, _AGENTS, _INVITATIONS, _NUMBERED, _RESPONSES):
        cursor.execute(statement, values)
    return int(cursor.rowcount)


def _note_days(cursor: Any, first: dt.datetime) -> None:
    """The days that were loaded: without triggers nobody else notes them."""
    cursor.execute(
        "INSERT INTO analytics_resolutionchange (day, n, is_unpacked) SELECT"
        " (%s::timestamptz AT TIME ZONE 'UTC' + interval '1 microsecond' * resolved)::date AS day,"
        " count(*), TRUE FROM made GROUP BY 1 ORDER BY 1 DESC",
        [first],
    )


def _let_wait(cursor: Any) -> None:
    """Answers wait to be counted, as if they had just been given."""
    cursor.execute(
        "INSERT INTO surveys_answerchange (response_id, created_at)"
        " SELECT response_id, now() FROM made WHERE answered >= 0 ORDER BY response_id"
    )


def _block(cursor: Any, table: str, size: int) -> int:
    """The number before a block of ids that nobody else will be given."""
    cursor.execute(
        "SELECT setval(s, nextval(s) + %s::bigint) FROM"
        " (SELECT pg_get_serial_sequence(%s::text, 'id')::regclass AS s) AS q",
        [size, table],
    )
    return int(cursor.fetchone()[0]) - size


def _count(cursor: Any) -> None:
    """Count the new responses in SQL; `verify_aggregates` and the tests hold it to the rest."""
    names = ", ".join(COLUMNS)
    cursor.execute(
        f"CREATE TEMPORARY TABLE made_facts ON COMMIT DROP AS {CURRENT}"
        " JOIN made ON made.response_id = p.id"
    )
    cursor.execute(
        f"INSERT INTO analytics_countedresponse ({names})"
        f" SELECT {names} FROM made_facts ORDER BY response_id"
    )
    for rollup in recount.ROLLUPS:
        columns = ", ".join((*rollup.key, *rollup.cells))
        added = ", ".join(f"{name} = old.{name} + excluded.{name}" for name in rollup.cells)
        cursor.execute(
            f"WITH facts AS (SELECT * FROM made_facts), expected AS ({rollup.expected})"
            f" INSERT INTO {rollup.table} AS old ({columns}) SELECT {columns} FROM expected"
            f" ORDER BY {', '.join(rollup.key)}"
            f" ON CONFLICT ({', '.join(rollup.key)}) DO UPDATE SET {added}"
        )
    blocks.add_table("made_facts")
    resolutions.pack_days(at_once=True)
    write.bump()
