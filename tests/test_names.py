"""What tests are called."""

from __future__ import annotations

import pytest

import conftest


def test_no_name_holds_a_whole_body(request: pytest.FixtureRequest) -> None:
    long = [item.nodeid[:200] for item in request.session.items if len(item.nodeid) > 400]
    assert long == []


@pytest.mark.parametrize(
    ("value", "name"),
    [("x" * 62, "'xxx"), (b"\xff" * 62, "b'\\xff"), ("🙂" * 35, "'\\U0001f642\\U0001f642")],
)
def test_a_long_text_is_named_by_its_beginning_and_length(value: str | bytes, name: str) -> None:
    found = conftest.pytest_make_parametrize_id(value)
    assert found is not None
    assert found.startswith(name)
    assert found.endswith(f" and on, {len(value)} long")
    assert len(found) < 80


@pytest.mark.parametrize("value", ["x" * 60, b"", 10**80, None])
def test_anything_else_is_named_by_pytest(value: object) -> None:
    assert conftest.pytest_make_parametrize_id(value) is None
