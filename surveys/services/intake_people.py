"""Teams, products, causes, agents and customers of a batch: created where new, found where known.

Facts of a customer or agent are told by many events in any order. Each fact remembers the time of
the event that told it; the newest wins, and of one moment the greater text, so that any order of
arrival leaves the same person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from surveys.services.intake_shapes import CaseReport
from surveys.services.intake_sql import columns_of, execute, rows

NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)
CUSTOMER_FACTS: Final = ("external_id", "name", "language", "timezone", "phone")
AGENT_FACTS: Final = ("name", "email", "team")

Told = tuple[datetime, str]


@dataclass(slots=True)
class Customer:
    """A customer of the batch, locked until its end."""

    id: int
    email: str
    facts: dict[str, Told]
    is_new: bool = False

    def fact(self, name: str) -> str:
        return self.facts[name][1] if name in self.facts else ""


@dataclass(slots=True)
class Names:
    """Ids by name of what a batch mentions."""

    teams: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    causes: dict[str, int] = field(default_factory=dict)
    agents: dict[str, int] = field(default_factory=dict)
    bots: set[int] = field(default_factory=set)
    # By what was told, what teams and products that were renamed or merged are called now.
    teams_called: dict[str, str] = field(default_factory=dict)
    products_called: dict[str, str] = field(default_factory=dict)
    # Agents' other ids: what is told under them says nothing of the name they go by.
    joined: set[str] = field(default_factory=set)


def customer_key(source: str, customer: Mapping[str, Any] | None) -> str | None:
    """What a customer is known by: the address, else the source's id for them, else the number."""
    if not customer:
        return None
    if customer.get("email"):
        return f"mail:{customer['email']}"
    if customer.get("external_id"):
        return f"id:{source}:{customer['external_id']}"
    if customer.get("phone"):
        return f"tel:{customer['phone']}"
    return None


def ensure_names(reports: Iterable[CaseReport], *, is_sample: bool) -> Names:
    """Find or create what the reports mention. A cause never seen before waits unmapped."""
    teams: set[str | None] = set()
    products: set[str | None] = set()
    causes: set[str | None] = set()
    agents: set[str | None] = set()
    for report in reports:
        content = report.content
        teams.add(content.get("team"))
        products.add(content.get("product"))
        causes.add(content.get("cause"))
        agents.update(agent["external_id"] for agent in content.get("agents", ()))
    sample = {"is_sample": is_sample}
    names = Names()
    names.teams, former = _ensure("surveys_team", "name", teams, sample, became="merged_into_id")
    names.teams_called = _called("surveys_team", former)
    names.products, former = _ensure(
        "surveys_product", "name", products, sample, became="merged_into_id"
    )
    names.products_called = _called("surveys_product", former)
    names.causes, _ = _ensure(
        "surveys_cause",
        "code",
        causes,
        sample | {"description": ""},
        became="merged_into_id",
        also="name",
    )
    names.agents, joined = _ensure(
        "surveys_agent",
        "external_id",
        agents,
        sample | {"name": "", "email": "", "is_bot": False},
        became="joined_into_id",
    )
    names.joined = set(joined)
    names.bots = {
        row[0]
        for row in rows(
            "SELECT id FROM surveys_agent WHERE is_bot AND id = ANY(%s::bigint[])",
            list(names.agents.values()),
        )
    }
    return names


def _ensure(
    table: str,
    column: str,
    values: Iterable[str | None],
    constants: Mapping[str, Any],
    *,
    became: str,
    also: str | None = None,
) -> tuple[dict[str, int], dict[str, int]]:
    """Ids by value, and those of them that stand for another row, which the column `became` names.

    Missing rows are inserted in order of value, so that two batches wait for each other and never
    in a circle. `also` is a second column that takes the value.
    """
    wanted = sorted(value for value in set(values) if value)
    if not wanted:
        return {}, {}
    find = f"SELECT {column}, id, {became} FROM {table} WHERE {column} = ANY(%s::text[])"  # noqa: S608
    found = rows(find, wanted)
    known = {value: other or number for value, number, other in found}
    missing = [value for value in wanted if value not in known]
    if missing:
        targets = [column, *([also] if also else []), *constants]
        sources = ["v", *(["v"] if also else []), *["%s"] * len(constants)]
        insert = (
            f"INSERT INTO {table} ({', '.join(targets)}) SELECT {', '.join(sources)} "  # noqa: S608
            f"FROM unnest(%s::text[]) AS v ON CONFLICT DO NOTHING"
        )
        execute(insert, *constants.values(), missing)
        more = rows(find, missing)
        known |= {value: other or number for value, number, other in more}
        found += more
    return known, {value: other for value, _, other in found if other is not None}


def _called(table: str, former: Mapping[str, int]) -> dict[str, str]:
    """By former name, what it is called now."""
    if not former:
        return {}
    find = f"SELECT id, name FROM {table} WHERE id = ANY(%s::bigint[])"  # noqa: S608
    called = dict(rows(find, list(former.values())))
    return {name: called[number] for name, number in former.items() if number in called}


def newest_facts(
    told: Iterable[tuple[str, datetime, Mapping[str, Any]]], names: Sequence[str]
) -> dict[str, dict[str, Told]]:
    """By key, each named fact with the newest telling of it."""
    by_key: dict[str, dict[str, Told]] = {}
    for key, moment, stated in told:
        facts = by_key.setdefault(key, {})
        for name in names:
            value = stated.get(name)
            if value and (moment, value) > facts.get(name, (NEVER, "")):
                facts[name] = (moment, value)
    return by_key


def lock_customers(
    told: Mapping[str, dict[str, Told]], emails: Mapping[str, str]
) -> dict[str, Customer]:
    """Create, update and lock the customers by key, in order of key; all are held to the end of
    the transaction, so that one customer's surveys are planned by one batch at a time."""
    customers = _lock(sorted(told))
    missing = sorted(set(told) - set(customers))
    if missing:
        inserted = _insert(missing, told, emails)
        customers |= inserted
        raced = [key for key in missing if key not in inserted]
        if raced:  # another batch created them between our look and our insert
            customers |= _lock(raced)
    _update(customers, told)
    return customers


def lock_known(keys: Iterable[str], ids: Iterable[int]) -> dict[str, Customer]:
    """Lock customers that exist, by key or id, without telling anything new of them."""
    by_id = rows("SELECT key FROM surveys_customer WHERE id = ANY(%s::bigint[])", list(ids))
    return _lock(sorted({*keys, *(row[0] for row in by_id)}))


def _lock(keys: list[str]) -> dict[str, Customer]:
    if not keys:
        return {}
    found = rows(
        "SELECT key, id, email, external_id, external_id_at, name, name_at, language, language_at,"
        " timezone, timezone_at, phone, phone_at FROM surveys_customer WHERE key = ANY(%s::text[])"
        " ORDER BY key FOR UPDATE",
        keys,
    )
    return {
        key: Customer(
            id=number,
            email=email,
            facts={
                name: (flat[2 * index + 1] or NEVER, flat[2 * index])
                for index, name in enumerate(CUSTOMER_FACTS)
            },
        )
        for key, number, email, *flat in found
    }


def _insert(
    keys: list[str], told: Mapping[str, dict[str, Told]], emails: Mapping[str, str]
) -> dict[str, Customer]:
    data = []
    for key in keys:
        facts = [told[key].get(name) for name in CUSTOMER_FACTS]
        flat = [part for fact in facts for part in (fact[1] if fact else "", fact and fact[0])]
        data.append((key, emails.get(key, ""), *flat))
    inserted = rows(
        "INSERT INTO surveys_customer (key, email, external_id, external_id_at, name, name_at,"
        " language, language_at, timezone, timezone_at, phone, phone_at)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[],"
        " %s::timestamptz[], %s::text[], %s::timestamptz[], %s::text[], %s::timestamptz[],"
        " %s::text[], %s::timestamptz[])"
        " ON CONFLICT DO NOTHING RETURNING key, id",
        *columns_of(data, 12),
    )
    return {
        key: Customer(number, emails.get(key, ""), dict(told[key]), is_new=True)
        for key, number in inserted
    }


def _update(customers: Mapping[str, Customer], told: Mapping[str, dict[str, Told]]) -> None:
    changed = []
    for key in sorted(told):
        customer = customers[key]
        newer = {
            name: fact
            for name, fact in told[key].items()
            if fact > customer.facts.get(name, (NEVER, ""))
        }
        if newer and not customer.is_new:
            customer.facts |= newer
            flat = [
                part
                for name in CUSTOMER_FACTS
                for part in (customer.fact(name), _time_of(customer.facts[name]))
            ]
            changed.append((customer.id, *flat))
    if changed:
        execute(
            "UPDATE surveys_customer AS c SET external_id = n.v1, external_id_at = n.t1,"
            " name = n.v2, name_at = n.t2, language = n.v3, language_at = n.t3,"
            " timezone = n.v4, timezone_at = n.t4,"
            " phone = n.v5, phone_at = n.t5 FROM unnest(%s::bigint[], %s::text[],"
            " %s::timestamptz[], %s::text[], %s::timestamptz[], %s::text[], %s::timestamptz[],"
            " %s::text[], %s::timestamptz[], %s::text[], %s::timestamptz[])"
            " AS n(id, v1, t1, v2, t2, v3, t3, v4, t4, v5, t5)"
            " WHERE c.id = n.id",
            *columns_of(changed, 11),
        )


def _time_of(fact: Told) -> datetime | None:
    return None if fact[0] == NEVER else fact[0]


def tell_agents(names: Names, reports: Iterable[CaseReport]) -> None:
    """Write what the reports tell of agents. Called last in a transaction: an agent's row is
    shared by many batches and is best held only for a moment."""
    told = newest_facts(
        (
            (agent["external_id"], report.occurred_at, agent | {"team": report.content.get("team")})
            for report in reports
            for agent in report.content.get("agents", ())
            if agent["external_id"] not in names.joined
        ),
        AGENT_FACTS,
    )
    by_id = {names.agents[key]: facts for key, facts in told.items() if facts}
    changed = []
    for number, held in _lock_agents(list(by_id)).items():
        newer = {name: fact for name, fact in by_id[number].items() if fact > held[name]}
        if newer:
            name, email, team = (newer.get(fact, held[fact]) for fact in AGENT_FACTS)
            team_id = names.teams.get(newer["team"][1]) if "team" in newer else None
            times = (_time_of(name), _time_of(email), _time_of(team))
            changed.append((number, name[1], email[1], team_id, *times))
    if changed:
        execute(
            "UPDATE surveys_agent AS a SET name = n.name, email = n.email,"
            " team_id = coalesce(n.team_id, a.team_id), name_at = n.name_at,"
            " email_at = n.email_at, team_at = n.team_at FROM unnest(%s::bigint[], %s::text[],"
            " %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])"
            " AS n(id, name, email, team_id, name_at, email_at, team_at) WHERE a.id = n.id",
            *columns_of(changed, 7),
        )


def _lock_agents(ids: list[int]) -> dict[int, dict[str, Told]]:
    """What is known of agents, locked in order of id."""
    if not ids:
        return {}
    found = rows(
        "SELECT id, name, name_at, email, email_at, team_id, team_at FROM surveys_agent"
        " WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        ids,
    )
    team_ids = [row[5] for row in found if row[5]]
    teams = dict(rows("SELECT id, name FROM surveys_team WHERE id = ANY(%s::bigint[])", team_ids))
    return {
        number: {
            "name": (name_at or NEVER, name),
            "email": (email_at or NEVER, email),
            "team": (team_at or NEVER, teams.get(team_id, "")),
        }
        for number, name, name_at, email, email_at, team_id, team_at in found
    }
