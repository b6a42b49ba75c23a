import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.columns import FrameError, optional, records, require


def test_require_names_every_missing_and_ill_typed_column() -> None:
    frame = pd.DataFrame({"n": [1.5], "name": ["Ada"]})
    with pytest.raises(FrameError) as caught:
        require(frame, {"n": "integer", "name": "text", "top2": "integer"})
    assert str(caught.value) == (
        "no column 'top2'; column 'n' must be integer, is float64 (columns present: n, name)"
    )


def test_require_passes_what_has_the_right_kinds() -> None:
    frame = pd.DataFrame(
        {"n": [1], "share": [0.5], "name": ["Ada"], "few": [True], "day": [dt.date(2026, 3, 1)]}
    )
    require(
        frame,
        {"n": "integer", "share": "number", "name": "text", "few": "boolean", "day": "date"},
    )
    require(frame.assign(day=pd.to_datetime(frame["day"])), {"day": "date", "name": "any"})


@pytest.mark.parametrize(
    ("column", "kind"),
    [("few", "number"), ("few", "integer"), ("name", "date"), ("n", "boolean"), ("n", "text")],
)
def test_require_tells_kinds_apart(column: str, kind: str) -> None:
    frame = pd.DataFrame({"n": [1], "name": ["Ada"], "few": [True]})
    with pytest.raises(FrameError, match=f"must be {kind}"):
        require(frame, {column: kind})  # type: ignore[dict-item]


def test_require_asks_an_empty_frame_for_names_only() -> None:
    require(pd.DataFrame(columns=["n"]), {"n": "integer"})
    with pytest.raises(FrameError, match="no column 'n'"):
        require(pd.DataFrame(), {"n": "integer"})


def test_records_are_python_scalars_with_none_for_nothing() -> None:
    frame = pd.DataFrame({"n": [1, 2], "mean": [4.5, np.nan]}).assign(
        rank=pd.array([3, None], dtype="Int64"), few=[False, True]
    )
    rows = records(frame)
    assert rows == [
        {"n": 1, "mean": 4.5, "rank": 3, "few": False},
        {"n": 2, "mean": None, "rank": None, "few": True},
    ]
    assert [type(value) for value in rows[0].values()] == [int, float, int, bool]


def test_optional_is_none_for_nothing() -> None:
    assert [optional(value) for value in (None, pd.NA, np.nan, np.float64(0.5), 0)] == [
        None, None, None, 0.5, 0.0,
    ]  # fmt: skip
