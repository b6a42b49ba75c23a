"""Requests made from the OpenAPI schema of the API, valid and broken ones, sent to the application
in this process; whatever an answer does against the schema is written down.

Each request is rolled back: all of them meet the same world, so a seed finds the same again.
"""

from __future__ import annotations

import json
import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

import hypothesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

SCHEMA: Final = "/api/schema/?format=json"
#: Path parameters that lead to something, by the first part of a path and by their name.
Places = Mapping[str, Mapping[str, str | int]]
_REFUSED: Final = "Schema-valid request rejected"
_ACCEPTED: Final = "Schema-violating request accepted"
#: What a field has to hold beyond what a JSON schema can say, by the fault's path. A request that
#: the schema allows may be refused for these and for nothing else.
BEYOND_THE_SCHEMA: Final = {
    r"cursor": "taken from an address that a list gave",
    r"(b_)?(period|from|to|by)|compare": "in order, and one way to say a period beside no other",
    r"(b_)?(team|agent|product|cause|branch|channel|language|questionnaire)": "what exists",
    r"action|on": "an action of this cause",
    r"external_id|agents|(customer|agents\[\d+\])\..*": "one way to tell who it is, as text",
    r"(began|done)_on": "in order, and not centuries away",
    r"(opened|resolved|occurred)_at": "there where the status needs it, and not in the future",
    r"imported_at": "not centuries away",
    r"name|note|words|subject|slug|secret|source|statuses|fields|cause_path": "printable text",
    r"outcome|title|text|path|query": "something that can be read, and kept",
    r"quiet_hours": "an end after the start",
    r"q": "letters that a text can have, and not too many",
    r"email|url": "an address that can be written to",
    r"reminder_days": "before the survey closes",
    r"revision": "said once, here or as If-Match",
    r"owner(_team)?|assignee|reader|sharer|into": "of somebody, or something, that exists",
    r"parent|instead_of": "of a cause that exists",
    r"take.*|batch|rule": "codes that wait, causes that exist, and words that say something",
    r"role": "an admin who is left",
    r"names.*|description|text|within": "languages that surveys speak, and letters of a text",
    r"address|csv": "what can be written to, and a file that can be read",
    r"token|user": "letters that a token has",
    r"accent(_dark)?|logo(_alt)?|sender_name|reply_to": "colours that can be read, and pictures",
    r"notes|writes_tags|tag_prefix|(fix|cause)_field": "what the helpdesk takes, by a token",
    r"texts.*|file|language": "words that may stand there, in a language that surveys speak",
    r"old|new|version|to": "of a version, or a member of staff, that exists",
    r"brand|conditions.*": "of something that exists, and of this kind",
    r"definition.*": "the rules of a questionnaire, which its own lint tells",
}


@dataclass
class Tally:
    """What was sent and what was found: the first example of every kind of finding."""

    n_requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[tuple[str, str], str] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n\n".join(
            f"{operation}: {title}\n{words}" for (operation, title), words in self.findings.items()
        )


class Counted:
    """The application, counting what it is asked; every answer is read to its end and closed."""

    def __init__(self, tally: Tally) -> None:
        self._handler, self._tally = WSGIHandler(), tally

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self._tally.n_requests += 1

        def counted(status: str, headers: list[Any], *rest: Any) -> Any:
            self._tally.statuses[int(status[:3])] += 1
            return start_response(status, headers, *rest)

        answer: Any = self._handler(environ, counted)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()


@contextmanager
def in_this_process() -> Iterator[None]:
    """Keep the test's connection open between requests, the log empty of thousands of refusals,
    and Hypothesis as it was: what makes the requests replaces its way of showing examples."""
    core: Any = import_module("hypothesis.core")
    printer = core.RepresentationPrinter
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)
        core.RepresentationPrinter = printer


def operations(tally: Tally) -> list[Any]:
    """All operations of the schema, in its order."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig

    config = SchemathesisConfig.from_dict(
        {
            "checks": {
                "negative_data_rejection": {"expected-statuses": _REFUSALS},
                "positive_data_acceptance": {"expected-statuses": _TAKEN},
            }
        }
    )
    schema = schemathesis.openapi.from_wsgi(SCHEMA, Counted(tally), config=config)
    found: list[Any] = list(schema.get_all_operations())
    return [one.ok() for one in found]


#: What a request may be answered with that the schema allows: also that there is no such thing,
#: that something stands in its way, or that what it was made from has changed.
_TAKEN: Final = ["2xx", 304, 401, 404, 409, 412, 428]
#: What a broken request may be answered with.
_REFUSALS: Final = [400, 401, 403, 404, 405, 409, 411, 412, 413, 415, 428]


def send(
    asked: Iterable[Any],
    tally: Tally,
    *,
    key: str,
    places: Places,
    drawn: int,
    share: float,
    seed: int,
) -> None:
    """Send a share of the examples and of the borders of these operations' schemas, and `drawn`
    requests each that are made at random. `places` are path parameters that lead to something."""
    from schemathesis.generation.hypothesis.builder import (
        HypothesisTestConfig,
        HypothesisTestMode,
        create_test,
    )

    draw = random.Random(seed)
    settings = hypothesis.settings(
        max_examples=drawn,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    modes = HypothesisTestMode
    for operation in asked:

        @settings
        def test(case: Any) -> None:
            is_led, is_left = draw.random() < 0.6, draw.random() >= share
            if is_left and case.meta.phase.name.value != "fuzzing":
                return
            if is_led:
                _lead(case, places)
            with transaction.atomic():
                _ask(case, key, tally)
                transaction.set_rollback(True)

        config = HypothesisTestConfig(
            project=operation.schema.config,
            modes=[modes.EXAMPLES, modes.COVERAGE, modes.FUZZING],
            seed=seed,
        )
        create_test(operation=operation, test_func=test, config=config)()


def _lead(case: Any, places: Places) -> None:
    """To something that exists, where the request is not about the address."""
    parameters = case.path_parameters
    if parameters and case.meta and case.meta.generation.mode.is_positive:
        kind = case.operation.path.removeprefix("/api/v1/").partition("/")[0]
        for name in parameters:
            parameters[name] = places.get(kind, {}).get(name, parameters[name])


def _ask(case: Any, key: str, tally: Tally) -> None:
    from schemathesis.core.failures import FailureGroup

    answer = case.call(headers={"Authorization": f"Bearer {key}"})
    try:
        case.validate_response(answer, headers={"Authorization": f"Bearer {key}"})
    except FailureGroup as group:
        for failure in group.exceptions:
            title = getattr(failure, "title", type(failure).__name__)
            if title == _REFUSED and _is_beyond(answer):
                continue
            if title == _ACCEPTED and _is_rejected_alone(answer):
                continue
            shown = case.as_curl_command()
            words = f"{getattr(failure, 'message', failure)}\n{shown[:400]} … {shown[-400:]}"
            words += f"\n{answer.status_code} {answer.text[:500]}"
            tally.findings.setdefault((case.operation.label, title), words)


def _is_rejected_alone(answer: Any) -> bool:
    """A bad case in a batch rejects itself, and the batch is taken."""
    if answer.status_code not in (200, 201) or b'"rejected"' not in answer.content:
        return False
    found = json.loads(answer.content)
    return any(case.get("outcome") == "rejected" for case in found.get("results", ()))


def _is_beyond(answer: Any) -> bool:
    faults = json.loads(answer.content).get("errors", [])
    return bool(faults) and all(
        any(re.fullmatch(path, fault["field"]) for path in BEYOND_THE_SCHEMA) for fault in faults
    )
