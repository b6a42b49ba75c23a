"""Loaded by pytest before any other module, so that models can be imported everywhere."""

from __future__ import annotations

import gc
import json
import os
from collections import Counter
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker

from tests.emptying import empty_quickly, keep_first
from tests.golden_files import GoldenFiles
from tests.migrated import MIGRATED
from tests.network import only_local_sockets
from tests.services import find_chromium, provide
from tests.static_files import find_once
from tests.worlds import KEPT, world_of

# A loaded machine is slow, not wrong: examples have no deadline of their own.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")

pytest_plugins = ["tests.still_running"]

# Characters of a test's parameter that stand in its name.
LONGEST_ID = 60

provide()
# Between tests the database is emptied; any other one refuses to lose a published questionnaire.
os.environ["PGOPTIONS"] = "-c surveys.may_truncate=yes"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Leave it to each process of xdist to name the settings once it has a Redis database of its
    own: where they are named before, pytest-django loads them before, with this process's."""
    if session.config.getoption("dist", "no") != "no":
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_xdist_auto_num_workers() -> int:
    """Two processes for each processor: half of a run waits for a browser, a worker, a lock. Our
    Redis has sixteen databases, one of them the controller's."""
    return min(2 * (os.cpu_count() or 1), 15)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long text by its beginning and its length: the name of a test goes from process to
    process with each of its three reports, and a body of ten megabytes would go with it. Long is
    what pytest would write: a letter of another script takes six to ten characters."""
    if isinstance(val, str | bytes):
        written = ascii(val[: 2 * LONGEST_ID])
        if len(written) > LONGEST_ID + len("b''"):
            return f"{written[:LONGEST_ID]} and on, {len(val)} long"
    return None


def pytest_configure() -> None:
    """Have the cache wait for a stalled Redis: it gives up after a second, and a test that had it
    forget everything would go on with what is still remembered. A password takes a quarter of a
    second to hash well; those of the suite protect nothing."""
    from django.conf import settings

    find_once()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if settings.REDIS_URL:
        settings.CACHES["default"]["OPTIONS"] = {"socket_timeout": 60, "socket_connect_timeout": 60}


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: do not look through it for rubbish all along."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write tests/golden/ anew instead of comparing",
    )


@pytest.fixture(scope="session")
def _template(django_db_modify_db_settings: None) -> None:
    MIGRATED.take()


@pytest.fixture(scope="session")
def django_db_setup(
    _template: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Generator[None, None, None]:
    """Every emptying of the database would write the permissions anew, which nobody asks for."""
    with django_db_blocker.unblock():
        keep_first("default")
        MIGRATED.leave()
    empty_quickly()
    from django.contrib.auth.management import create_permissions
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db.models.signals import post_migrate

    post_migrate.disconnect(create_contenttypes)
    uid = f"{create_permissions.__module__}.{create_permissions.__name__}"
    post_migrate.disconnect(dispatch_uid=uid)
    yield
    with django_db_blocker.unblock():
        KEPT.leave()


@pytest.fixture
def _kept_world(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """The world that a test asks for lies there before its own transaction begins."""
    with django_db_blocker.unblock():
        KEPT.want(world_of(request))


@pytest.fixture
def _django_db_helper(_kept_world: None, _django_db_helper: None) -> None:
    """What pytest-django does for each test that asks for the database, after that."""


@pytest.fixture(scope="class")
def _no_world(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> None:
    """A class of unittest asks for the database by itself, and for no world."""
    if request.cls is not None:
        with django_db_blocker.unblock():
            KEPT.leave()


@pytest.fixture(autouse=True, scope="class")
def _django_setup_unittest(_no_world: None, _django_setup_unittest: None) -> None:
    """What pytest-django does for each such class, after that."""


@pytest.fixture(scope="session")
def golden(pytestconfig: pytest.Config) -> GoldenFiles:
    """Compares with, or on the explicit flag rewrites, the golden files."""
    return GoldenFiles(rewrite=pytestconfig.getoption("rewrite_golden"))


@pytest.fixture(autouse=True, scope="session")
def no_outside_network() -> Generator[None, None, None]:
    """Refuse every connection but to this machine."""
    with only_local_sockets():
        yield


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium lies; for tests marked `browser`."""
    return find_chromium() or pytest.skip("no Chromium was found")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A browser test without a browser is skipped, or where REQUIRE_BROWSER=1 fails."""
    if item.get_closest_marker("browser") is None or find_chromium():
        return
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER=1, but no Chromium was found on PATH", pytrace=False)
    pytest.skip("no Chromium was found on PATH; `apt-get install chromium` brings it")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured on the way: how often the lint of questionnaires is right, and what
    was lost and doubled under each fault."""
    reports = [
        report
        for kind in ("passed", "failed")
        for report in terminalreporter.getreports(kind)
        if isinstance(report, pytest.TestReport)
    ]
    if any("test_lint_corpus" in report.nodeid for report in reports):
        from tests.surveys.questionnaire import lint_corpus

        _print(terminalreporter, "lint of questionnaires", lint_corpus.table())
    told = [report.user_properties for report in reports if report.when == "call"]
    cells: list[Any] = [cell for found in told for name, cell in found if name == "faults"]
    if cells:
        from tests.chaos.matrix import Matrix

        _print(terminalreporter, "faults", Matrix.of(cells).lines())
    sent: list[Any] = [counts for found in told for name, counts in found if name == "api requests"]
    if sent:
        statuses = sum((Counter(by_status) for _, by_status in sent), Counter[int]())
        shown = ", ".join(f"{statuses[status]:,} × {status}" for status in sorted(statuses))
        total = f"{sum(n for n, _ in sent):,} requests made from the schema: {shown}"
        _print(terminalreporter, "api", [total])
    if os.environ.get("FAULTS_JSON"):
        Path(os.environ["FAULTS_JSON"]).write_text(json.dumps(cells))


def _print(terminalreporter: pytest.TerminalReporter, title: str, lines: Iterable[str]) -> None:
    terminalreporter.section(title)
    for line in lines:
        terminalreporter.write_line(line)
