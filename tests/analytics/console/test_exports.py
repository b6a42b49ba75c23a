"""Every file equals its page to the last digit, for each reader, and says what it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from surveys.console.figures import (
    between,
    correlation,
    count,
    day,
    near_share,
    points,
    rating,
    share,
    share_digits,
    span,
    stars,
)
from surveys.models import User
from tests.analytics.console.filed import (
    Page,
    Readers,
    Row,
    number,
    too_few,
)

pytestmark = pytest.mark.django_db
Role = User.Role
TRENDS = ("", "from=2026-10-25&to=2026-11-15&interval=day", "interval=month&product=PRODUCT")
QUERIES = [
    "",
    "from=2026-10-25&to=2026-11-15",
    "channel=phone&by=resolved",
    "product=PRODUCT",
]


def of(row: Row, *names: str) -> list[Any]:
    return [number(row[name]) for name in names]


def interval(row: Row, name: str) -> str:
    return between(*of(row, f"{name}_low", f"{name}_high"))


# --- agents ---------------------------------------------------------------------------------------


def agent_cells(row: Row, flagged: set[str]) -> list[str]:
    n, top2, adjusted, shrunk = of(row, "n", "top2", "adjusted", "shrunk")
    name = row["agent.name"] or row["agent.external_id"]
    if too_few(row):
        return [name, count(n), "too few", "too few", "–", "too few", "too few", "too few"]
    indicative = row["indicative"] in ("true", "1")
    said = "within chance" if row["separable"] in ("true", "1") else "not separable"
    said = "under 30" if indicative else said
    mix = "not separable" if adjusted is None else near_share(adjusted) + interval(row, "adjusted")
    return [
        name + "indicative, under 30 ratings" * indicative,
        count(n),
        share(top2) + interval(row, "top2"),
        mix,
        "–" if adjusted is None else points(adjusted - top2),
        share(shrunk) + interval(row, "shrunk"),
        "not separable" if adjusted is None else span(*of(row, "rank_low", "rank_high")),
        "◆ differs" if row["agent.external_id"] in flagged else said,
    ]


def test_agents_as_a_file_are_those_of_the_page(readers: Readers) -> None:
    for query in QUERIES:
        readable = [(readers.manager, query)]
        readable += [(readers.lead, query)] if "=p" not in query and "product" not in query else []
        for client, asked in readable:
            page = Page(client, f"/agents/?{asked}")
            filed, funnel = page.file(""), page.file("Against chance")
            flagged = {
                row["agent.external_id"] for row in funnel.rows if row["flagged"] in ("true", "1")
            }
            assert [agent_cells(row, flagged) for row in filed.rows] == page.table("table")
            assert len(filed.rows) == 9
            company = filed.number
            said = f"All together: {share(company('company.top2'))} "
            said += f"({between(company('company.top2_low'), company('company.top2_high'))}), "
            assert said + f"n\xa0=\xa0{count(company('company.n'))}" in page.section("table")


def test_one_agent_as_a_file_is_that_of_the_page(readers: Readers) -> None:
    for who in ("manager", "lead", "agent"):
        query = "period=28d" if who == "agent" else "from=2026-10-01&to=2026-11-20"
        page = Page(getattr(readers, who), f"/agents/{readers.own.pk}/?{query}")
        [row] = page.file("").rows
        n, shrunk, adjusted, mean = of(row, "n", "shrunk", "adjusted", "mean")
        said = page.section("f-share")
        if too_few(row):
            assert f"n\xa0=\xa0{count(n)}" in said
            continue
        assert f"{share_digits(shrunk)}%" in said
        assert f"{interval(row, 'shrunk')} · n\xa0=\xa0{count(n)}" in said
        facts = page.tree.text()
        assert f"As rated{share(number(row['top2']))}{interval(row, 'top2')}" in _squeezed(facts)
        told = "not separable" if adjusted is None else near_share(adjusted)
        assert f"same mix of cases{told}" in _squeezed(facts)
        assert f"Mean{rating(mean)}of 5" in _squeezed(facts)


def _squeezed(text: str) -> str:
    return text.replace(" Mean", "Mean").replace("> ", ">").replace("  ", " ")


# --- causes ---------------------------------------------------------------------------------------


def cause_cells(row: Row) -> list[str]:
    def rate(name: str, *, with_n: bool) -> str:
        value = number(row[name])
        if value is None:
            return "too few"
        n = f"n\xa0=\xa0{count(number(row[f'{name}_n']))}" if with_n else ""
        return share(value) + interval(row, name) + n

    def customers(name: str) -> str:
        value = number(row[name])
        return (
            "–" if value is None else count(value) + span(*of(row, f"{name}_low", f"{name}_high"))
        )

    of_all = number(row["share_of_dismay"])
    return [
        row["cause.name"],
        row["cause.owner"] or "–",
        *map(count, of(row, "cases", "n")),
        rate("dismayed", with_n=False),
        customers("index"),
        "–" if of_all is None else share(of_all) + interval(row, "share_of_dismay"),
        rate("avoidable", with_n=True),
        rate("recurrent", with_n=True),
        customers("preventable"),
    ]


def test_causes_as_a_file_are_those_of_the_page(readers: Readers) -> None:
    for query in QUERIES:
        bound = [] if "product" in query or "channel" in query else [readers.owner]
        for client in (readers.manager, *bound):
            page = Page(client, f"/causes/?{query}")
            filed = page.file("")
            assert [cause_cells(row) for row in filed.rows] == page.table("table")
            assert len(filed.rows) > 1 if client is readers.manager else len(filed.rows) == 1
            alarms = page.file("Alarms")
            assert len(alarms.rows) == page.section("alarms").count("In the week of")


def test_one_cause_as_a_file_is_that_of_the_page(readers: Readers) -> None:
    for who in ("manager", "owner"):
        page = Page(getattr(readers, who), f"/causes/{readers.cause.code}/?from=2026-10-01")
        [row] = page.file("").rows
        said = page.section("f-dismay")
        assert f"{share_digits(number(row['dismayed']))}%" in said
        assert f"{interval(row, 'dismayed')} · n\xa0=\xa0{count(number(row['n']))}" in said
        weeks = page.file("By week").rows
        shown = page.table("by-week")
        assert len(shown) == len(weeks) > 5
        for line, cells in zip(weeks, shown[::-1], strict=True):
            assert cells[0] == day(_date(line["week"]))
            assert cells[1] == share(number(line["dismay.value"]))
            assert cells[3] == count(number(line["dismay.n"]))
            assert cells[4] == count(number(line["cases.value"]))
            assert cells[6] == count(number(line["cases.n"]))


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])


# --- both -----------------------------------------------------------------------------------------


def test_the_overview_as_a_file_is_that_of_the_page(readers: Readers) -> None:
    for query in QUERIES:
        page = Page(readers.manager, f"/?{query}")
        [row] = page.file("").rows
        for side, name, heading in (("fix", "top2", "f-fix"), ("cause", "dismayed", "f-cause")):
            said = page.section(heading)
            value, n, mean = of(row, f"{side}.{name}", f"{side}.n", f"{side}.mean")
            assert f"{share_digits(value)}%" in said
            assert f"{interval(row, f'{side}.{name}')} · n\xa0=\xa0{count(n)}" in said
            assert f"{rating(mean)} of 5" in said
        masked = page.section("f-masked")
        if number(row["masked.share_satisfied"]) is not None:
            assert f"{share_digits(number(row['masked.share_satisfied']))}%" in masked
            assert interval(row, "masked.share_satisfied") in masked
            assert (
                f"{share(number(row['masked.share_all']))} ({interval(row, 'masked.share_all')}"
                in masked
            )
        answered = page.section("answered")
        for name in ("response_rate", "delivered_response_rate"):
            assert share(number(row[name])) in answered
        for name in ("invited", "delivered", "completed"):
            assert count(number(row[name])) in answered
        first = page.table("apart")[0]
        assert first[1:3] == [
            count(number(row["separation.n"])),
            correlation(number(row["separation.r"])),
        ]


def test_the_matrix_as_a_file_is_that_of_the_page(readers: Readers) -> None:
    for query in QUERIES:
        page = Page(readers.manager, f"/matrix/?{query}")
        filed = page.file("")
        cells = {(row["fix"], row["cause"]): row["n"] for row in filed.rows}
        shown = [row[1:6] for row in page.table("table")[:5]]
        assert shown[::-1] == [
            [count(float(cells[str(fix), str(cause)])) for cause in range(1, 6)]
            for fix in range(1, 6)
        ]
        told = filed.number
        words = page.table("quadrants")
        names = (
            "served_well",
            "masked",
            "neither",
            "neither_dismayed",
            "failed",
            "failed_dismayed",
        )
        assert [row[1] for row in words] == [count(told(f"quadrants.{name}")) for name in names]
        apart = page.table("apart")
        assert apart[0][1:3] == [count(told("separation.n")), correlation(told("separation.r"))]
        for row, arm in zip(apart[1:], ("cause_first", "fix_first"), strict=True):
            assert row[1] == count(told(f"arms.{arm}.n"))
        again = page.section("again")
        if told("choose_again.difference") is not None:
            assert share(told("choose_again.masked")) in again
            assert points(told("choose_again.difference")) in again


def test_the_trend_as_a_file_is_that_of_the_page(readers: Readers) -> None:
    for query in TRENDS:
        page = Page(readers.manager, f"/trend/?{query}")
        rows, shown = page.file("").rows, page.table("table")
        assert len(rows) == len(shown) > 1
        for row, cells in zip(rows, shown[::-1], strict=True):
            assert cells[1:] == [
                share(number(row["fix.top2"])),
                interval(row, "fix.top2"),
                count(number(row["fix.n"])),
                share(number(row["cause.dismayed"])),
                interval(row, "cause.dismayed"),
                count(number(row["cause.n"])),
            ]


LINES = ("masked", "fix", "cause", "answered")


def compared_cells(row: Row) -> list[str]:
    def side(prefix: str) -> str:
        value, n = of(row, f"{prefix}share", f"{prefix}n")
        told = f"n\xa0=\xa0{count(n)}"
        if value is None:
            return "too few" + told
        low, high = of(row, f"{prefix}low", f"{prefix}high")
        return f"{share(value)}{between(low, high)}, {told}"

    difference, low, high = of(row, "difference", "difference_low", "difference_high")
    apart = f"{points(low)} to {points(high)}" if low is not None else ""
    return [side(""), side("other_"), "–" if difference is None else points(difference) + apart]


COMPARED = [
    ("/segments/?channel=phone&b_channel=email", "difference", ""),
    ("/segments/?from=2026-11-01&b_to=2026-10-31&by=resolved", "difference", ""),
    ("/segments/?b_channel=phone", "difference", ""),
    ("/trend/?from=2026-11-01&to=2026-11-20&compare=previous", "compared", "Comparison"),
]


def test_a_comparison_as_a_file_is_that_of_the_page(readers: Readers) -> None:
    for path, heading, name in COMPARED:
        page = Page(readers.manager, path)
        rows = {row["figure"]: row for row in page.file(name).rows}
        shown = page.table(heading)
        assert [cells[1:4] for cells in shown] == [compared_cells(rows[line]) for line in LINES]


def test_the_overview_offers_its_comparison_as_a_file(readers: Readers) -> None:
    page = Page(readers.manager, "/?from=2026-11-01&to=2026-11-20&compare=previous")
    rows = {row["figure"]: row for row in page.file("Comparison").rows}
    for heading, line in (("f-masked", "masked"), ("f-fix", "fix"), ("f-cause", "cause")):
        change = number(rows[line]["difference"])
        assert change is not None
        assert points(change) in page.section(heading)


# --- lists ----------------------------------------------------------------------------------------


def test_responses_as_a_file_are_those_of_the_page(readers: Readers) -> None:
    for who in ("manager", "lead", "owner"):
        query = "" if who != "manager" else "?show=dismayed&channel=phone"
        page = Page(getattr(readers, who), f"/responses/{query}")
        rows = page.file("").rows
        section = next(n for n in page.tree.walk() if "responses" in n.classes and n.tag == "table")
        lines = [line for line in section.walk() if line.tag == "tr"][1:]
        shown = [[cell.text() for cell in line.walk() if cell.tag == "td"] for line in lines]
        assert len(shown) == min(50, len(rows)) > 5
        sides = {"manager": ["F1", "C1"], "lead": ["F1"], "owner": ["C1"]}[who]
        for row, cells in zip(rows, shown, strict=False):
            ratings = [stars(int(row[side]) if row[side] else None) for side in sides]
            assert cells[: len(sides)] == ratings
            for side in ("fix_comment", "cause_comment"):
                assert row.get(side, "") in cells[len(sides)]
            if who != "manager":
                assert row["external_id"] == row["customer_email"] == row["channel"] == ""


def test_cases_as_a_file_are_those_of_the_page(readers: Readers) -> None:
    for who in ("manager", "lead", "owner", "agent"):
        page = Page(getattr(readers, who), "/cases/?q=Sim&status=resolved")
        if not page.links():
            page = Page(getattr(readers, who), "/cases/")
        filed = page.file("")
        table = next(n for n in page.tree.walk() if "cases" in n.classes and n.tag == "table")
        shown = [
            node.text() for node in table.walk() if "under" in node.classes and " · " in node.text()
        ]
        ids = list(dict.fromkeys(f"{row['source']} · {row['external_id']}" for row in filed.rows))
        assert [text.removesuffix(" · sample") for text in shown] == ids[:50]
        assert ids
        if who != "manager":
            assert {row["customer_email"] for row in filed.rows} == {""}
        if who == "owner":
            assert {row["agent_name"] for row in filed.rows} == {""}
