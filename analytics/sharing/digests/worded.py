"""The figures of a digest in words, each with what it stands on."""

from __future__ import annotations

from dataclasses import dataclass

from analytics import reports
from surveys.console.figures import between, count, share


@dataclass(frozen=True)
class Figure:
    """One number with what it stands on. `value` is in words where there are too few."""

    label: str
    value: str
    interval: str
    n: str
    before: str = ""


def of_everything(
    now: reports.OverviewReport, was: reports.OverviewReport | None
) -> tuple[Figure, ...]:
    """The overview's headlines: masked dissatisfaction first, as on the page."""
    figures = []
    if now.masked:
        masked = now.masked
        figures.append(
            Figure(
                "Satisfied with the fix, yet dismayed at the cause",
                told(masked.share_satisfied),
                between(masked.share_satisfied_low, masked.share_satisfied_high),
                f"of {count(masked.n_satisfied)} satisfied",
                _masked_before(was.masked if was else None),
            )
        )
    if now.fix:
        figures.append(fix("Satisfied with the fix", now.fix, was.fix if was else None))
    if now.cause:
        figures.append(cause("Dismayed at the cause", now.cause, was.cause if was else None))
    of_invited = f"{count(now.completed)} of {count(now.invited)} invited"
    rate = Figure("Response rate", told(now.response_rate), "", of_invited, _rate_before(was))
    return (*figures, rate)


def fix(label: str, now: reports.FixFigures, was: reports.FixFigures | None) -> Figure:
    """Satisfied with the fix, beside the period before."""
    interval = between(now.top2_low, now.top2_high)
    before = _before(was.top2, was.top2_low, was.top2_high, was.n) if was else ""
    return Figure(label, told(now.top2), interval, f"n = {count(now.n)}", before)


def cause(label: str, now: reports.CauseFigures, was: reports.CauseFigures | None) -> Figure:
    """Dismayed at the cause, beside the period before."""
    interval = between(now.dismayed_low, now.dismayed_high)
    before = _before(was.dismayed, was.dismayed_low, was.dismayed_high, was.n) if was else ""
    return Figure(label, told(now.dismayed), interval, f"n = {count(now.n)}", before)


def told(value: float | None, otherwise: str = "too few") -> str:
    """A share, or in words why there is none."""
    return otherwise if value is None else share(value)


def _before(value: float | None, low: float | None, high: float | None, n: int | None) -> str:
    if value is None:
        return ""
    return f"the same weekdays before: {share(value)} ({between(low, high)}), n = {count(n)}"


def _masked_before(was: reports.MaskedFigures | None) -> str:
    if was is None:
        return ""
    low, high = was.share_satisfied_low, was.share_satisfied_high
    return _before(was.share_satisfied, low, high, was.n_satisfied)


def _rate_before(was: reports.OverviewReport | None) -> str:
    if was is None or was.response_rate is None:
        return ""
    counts = f"{count(was.completed)} of {count(was.invited)}"
    return f"the same weekdays before: {share(was.response_rate)}, {counts}"
