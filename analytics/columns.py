"""Column names and kinds of the frames that metrics take, and the check that a frame has them.

Public names
    HISTOGRAM, AVOIDABLE, RECURRENCE                column names of the integer histograms
    require(frame, columns) -> None                 raises FrameError
    counts(frame, columns) -> int64 array           (rows, len(columns)), never negative
    records(frame) -> list[dict[str, object]]       Python scalars, NaN and NA as None
    optional(value) -> float | None                 NaN and NA as None
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

Kind = Literal["integer", "number", "boolean", "text", "date", "any"]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Answers per option 1..5 of the rating a frame is about.
HISTOGRAM: tuple[str, ...] = ("h1", "h2", "h3", "h4", "h5")
#: C2, "Could {company} have prevented this problem?", options 1..5.
AVOIDABLE: tuple[str, ...] = ("a1", "a2", "a3", "a4", "a5")
#: C3, "Have you had this problem with us before?": No, Once, More than once, Not sure.
RECURRENCE: tuple[str, ...] = ("r1", "r2", "r3", "r4")


class FrameError(ValueError):
    """A frame lacks a column, or a column holds what a metric cannot count."""


def kinds(names: Sequence[str], kind: Kind = "integer") -> dict[str, Kind]:
    """The same kind for several columns, ready for `require`."""
    return dict.fromkeys(names, kind)


def require(frame: pd.DataFrame, columns: Mapping[str, Kind]) -> None:
    """Refuse a frame that lacks one of the columns or holds it with another kind.

    A frame without rows passes whatever its dtypes: an empty query has no types to tell.

    Raises: FrameError naming every missing and every ill-typed column.
    """
    missing = [name for name in columns if name not in frame.columns]
    faults = [f"no column {name!r}" for name in missing]
    if len(frame):
        faults += [
            f"column {name!r} must be {kind}, is {frame[name].dtype}"
            for name, kind in columns.items()
            if name not in missing and not _is(frame[name], kind)
        ]
    if faults:
        present = ", ".join(str(name) for name in frame.columns) or "none"
        raise FrameError(f"{'; '.join(faults)} (columns present: {present})")


def _is(column: "pd.Series[Any]", kind: Kind) -> bool:
    dtype = column.dtype
    match kind:
        case "any":
            return True
        case "integer":
            return types.is_integer_dtype(dtype)
        case "number":
            return types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype)
        case "boolean":
            return types.is_bool_dtype(dtype)
        case "text":
            return types.is_string_dtype(dtype)
        case "date":
            if types.is_datetime64_any_dtype(dtype):
                return True
            return types.infer_dtype(column, skipna=True) in {"date", "datetime"}


def counts(frame: pd.DataFrame, columns: Sequence[str]) -> IntArray:
    """The named columns as one array of counts.

    Shape: (rows of the frame, len(columns)), int64.
    Raises: FrameError where a column is missing, not integer, or below 0.
    """
    require(frame, kinds(columns))
    array: IntArray = frame[list(columns)].to_numpy(dtype=np.int64)
    if array.size and int(array.min()) < 0:
        raise FrameError(f"counts below 0 in {', '.join(columns)}")
    return array


def optional(value: object) -> float | None:
    """A float for a report: None where the metric had nothing to say (NaN, NA, None)."""
    if value is None or value is pd.NA:
        return None
    number = float(value)  # type: ignore[arg-type]
    return None if np.isnan(number) else number


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as dictionaries of Python scalars; NaN, NaT and NA become None."""
    columns = []
    for name in frame.columns:
        values, missing = frame[name].tolist(), frame[name].isna().to_numpy()
        if missing.any():
            values = [None if gone else value for value, gone in zip(values, missing, strict=True)]
        columns.append(values)
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
