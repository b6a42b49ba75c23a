"""No cause answer moves a byte of the agents' report, no fix answer one of the causes'."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from analytics import reports
from analytics.aggregates import blocks
from analytics.filters import Filters
from analytics.models import CauseDay, CountedResponse, FixDay, MatrixDay
from surveys import exports
from surveys.models import Response
from surveys.services.access import API_REPORTS

pytestmark = pytest.mark.usefixtures("company")

QUESTIONS = [
    Filters(),
    Filters(by="resolved"),
    Filters(cause=("sim-cause-3-1",)),
    Filters(agent=("sim-agent-3-1",)),
    Filters(team=("Simulated team 3-1",), channel=("phone", "chat")),
]
FIX = re.compile(
    r"\b(f[123]|s1|o[12]|fix_comment|analytics_fixday|analytics_matrixday)\b", re.IGNORECASE
)
CAUSE = re.compile(
    r"\b(c[1234]|o[12]|cause_comment|analytics_causeday|analytics_matrixday)\b", re.IGNORECASE
)


def _agents() -> str:
    return "\n".join(
        _bytes([row.as_dict() for row in reports.agents(filters, API_REPORTS).results])
        for filters in QUESTIONS
    )


def _causes() -> str:
    return "\n".join(
        _bytes([row.as_dict() for row in reports.causes(filters, API_REPORTS).results])
        for filters in QUESTIONS
    )


def _bytes(rows: list[dict[str, object]]) -> str:
    return json.dumps(rows) + "".join(exports.csv_lines(rows))


def _pack_the_poison() -> None:
    days = CountedResponse.objects.values_list("answered_on", flat=True).order_by("answered_on")
    assert blocks.mend(days[0], days[len(days) - 1]) > 20


def _poison_cause() -> None:
    # 1 ↔ 5, 2 ↔ 4, and what was missing is there; unequal counts in every cell of the rollups.
    for model in (Response, CountedResponse):
        model.objects.update(c1=6 - F("c1"), c2=1, c3=2, o1=6 - F("o1"))
        model.objects.filter(c1=None).update(c1=5)
    cells = [
        f"{letter}{k}" for letter, top in (("h", 5), ("v", 5), ("w", 4)) for k in range(1, top)
    ]
    _pack_the_poison()
    CauseDay.objects.update(**{name: F(name) * 3 + k for k, name in enumerate(cells)})
    MatrixDay.objects.update(n=F("n") + 11)


def _poison_fix() -> None:
    for model in (Response, CountedResponse):
        model.objects.update(f1=6 - F("f1"), f2=1, o1=6 - F("o1"))
        model.objects.filter(f1=None).update(f1=1)
    _pack_the_poison()
    FixDay.objects.update(**{f"h{k}": F(f"h{k}") * 3 + k for k in range(1, 6)})
    MatrixDay.objects.update(n=F("n") + 11)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize(
    ("report", "poison", "other"),
    [
        pytest.param(_agents, _poison_cause, _causes, id="agents-without-cause"),
        pytest.param(_causes, _poison_fix, _agents, id="causes-without-fix"),
    ],
)
def test_poisoning_the_other_dimension_moves_no_byte(
    report: Callable[[], str], poison: Callable[[], None], other: Callable[[], str]
) -> None:
    before, other_before = report(), other()
    assert len(before) > 5_000
    cache.clear()
    poison()
    assert report() == before
    assert other() != other_before  # the poison was strong enough to be seen


def _statements(run: Callable[[], str]) -> list[str]:
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        run()
    return [query["sql"] for query in captured.captured_queries]


def test_the_agents_report_names_no_cause_answer_in_its_sql() -> None:
    statements = _statements(_agents)
    assert any("analytics_answerblock" in sql for sql in statements)
    assert [sql for sql in statements if CAUSE.search(sql)] == []


def test_the_causes_report_names_no_fix_answer_in_its_sql() -> None:
    statements = _statements(_causes)
    assert any("analytics_causeday" in sql for sql in statements)
    assert [sql for sql in statements if FIX.search(sql)] == []


def test_the_modules_of_one_side_name_nothing_of_the_other() -> None:
    import inspect

    from analytics.frames import cause, fix, names, said, sent
    from analytics.metrics import agents as agents_metric
    from analytics.metrics import causes as causes_metric

    code = {
        module: _without_words(inspect.getsource(module))
        for module in (fix, said, cause, names, sent)
    }
    assert CAUSE.findall(code[fix]) == CAUSE.findall(code[said]) == []
    assert FIX.findall(code[cause]) == []
    # Of the packed columns each reads its own.
    for module, own in ((fix, True), (said, True), (cause, False)):
        source = inspect.getsource(module)
        assert ("fix_ratings" in source, "cause_ratings" in source) == (own, not own)
        assert "outcome" not in source
    for neutral in (names, sent):
        assert CAUSE.findall(code[neutral]) == FIX.findall(code[neutral]) == []
    for metric, imports in ((agents_metric, "causes"), (causes_metric, "agents")):
        assert f"metrics.{imports}" not in inspect.getsource(metric)


def _without_words(source: str) -> str:
    """Code without comments and docstrings, which may say what is not read."""
    source = re.sub(r'"""(?!\s*SELECT).*?"""', "", source, flags=re.DOTALL)
    return re.sub(r"#.*", "", source)
