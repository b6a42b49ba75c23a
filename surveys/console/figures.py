"""How figures and times are written for people: one place, so that every page writes alike."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

register = template.Library()

THIN = "\u202f"  # narrow no-break space: a figure and its unit stay together
NBSP = "\u00a0"
NOTHING = "–"
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`(.+?)`")


def _rounded(value: float, places: str) -> Decimal:
    # Halves away from zero, as people round; never "-0".
    rounded = Decimal(repr(float(value))).quantize(Decimal(places), ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def _whole_percent(share: float) -> str:
    percent = _rounded(share * 100, "1")
    if percent == 0 and share > 0:
        return "<1"
    if percent == 100 and share < 1:
        return ">99"
    return f"{percent}"


@register.filter
def share(value: float | None) -> str:
    """0.614 → "61 %"; a share that is nearly nothing is "<1 %", never "0 %"."""
    return NOTHING if value is None else f"{_whole_percent(value)}{THIN}%"


@register.filter
def near_share(value: float | None) -> str:
    """A share that was calculated for other cases than those met: "61 %", but "near 100 %" at the
    ends, where the calculation is cut off and a whole figure would pretend to know."""
    if value is not None and not 0.005 <= value < 0.995:
        return f"near {'100' if value > 0.5 else '0'}{THIN}%"
    return share(value)


@register.filter
def share_digits(value: float | None) -> str:
    """0.614 → "61", where the sign stands beside it in its own type."""
    return NOTHING if value is None else _whole_percent(value)


@register.simple_tag
def between(low: float | None, high: float | None) -> str:
    """An interval of shares: "57–65 %"."""
    if low is None or high is None:
        return NOTHING
    first, second = f"{_rounded(low * 100, '1')}", f"{_rounded(high * 100, '1')}"
    if first == second:
        return f"{first}{THIN}%"
    return f"{first}–{second}{THIN}%"


@register.simple_tag
def span(low: float | None, high: float | None, places: int = 0) -> str:
    """An interval of plain figures: "3–17"."""
    if low is None or high is None:
        return NOTHING
    step = "1" if places == 0 else "0." + "0" * (places - 1) + "1"
    first, second = f"{_rounded(low, step):,}", f"{_rounded(high, step):,}"
    return first if first == second else f"{first}–{second}"


@register.filter
def count(value: float | None) -> str:
    """12345 → "12,345"."""
    return NOTHING if value is None else f"{_rounded(value, '1'):,}"


@register.filter
def rating(value: float | None) -> str:
    """A mean of ratings: "4.12"."""
    return NOTHING if value is None else f"{_rounded(value, '0.01')}"


@register.filter
def correlation(value: float | None) -> str:
    """A correlation: "0.41", with a true minus sign."""
    return NOTHING if value is None else f"{_rounded(value, '0.01')}".replace("-", "−")


@register.filter
def points(value: float | None) -> str:
    """A difference of shares in percentage points: "+12", "−3"."""
    if value is None:
        return NOTHING
    rounded = _rounded(value * 100, "1")
    return f"+{rounded}" if rounded > 0 else f"{rounded}".replace("-", "−")


@register.filter
def day(value: dt.date | None) -> str:
    """A date in words: "21 November 2026"."""
    if value is None:
        return NOTHING
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    return f"{value.day} {value:%B %Y}"


@register.filter
def short_day(value: dt.date | None) -> str:
    """A date where there is little room: "21 Nov 2026"."""
    if value is None:
        return NOTHING
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    return f"{value.day}{NBSP}{value:%b}{NBSP}{value.year}"


@register.filter
def moment(value: dt.datetime | None) -> str:
    """A time to the minute: "21 Nov 2026, 14:05"."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value)
    return f"{local.day} {local:%b %Y, %H:%M}"


@register.filter
def short_moment(value: dt.datetime | None) -> str:
    """A time in a table: "21 Nov, 14:05"; with the year where it is not this one."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value)
    year = "" if local.year == timezone.localdate().year else f" {local.year}"
    return f"{local.day} {local:%b}{year}, {local:%H:%M}"


@register.filter
def month(value: dt.date | None) -> str:
    """The month alone, where the day could tell who it was: "November 2026"."""
    return NOTHING if value is None else f"{value:%B %Y}"


@register.filter
def duration(minutes: int | None) -> str:
    """Minutes as people say them: "4 hours", "90 minutes", "2 days"."""
    if minutes is None:
        return NOTHING
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes and minutes % size == 0:
            return plural(minutes // size, unit)
    return plural(minutes, "minute")


@register.filter
def rate_in_words(a_second: float) -> str:
    """Mails a second as they were set: "5 a second", "30 a minute", "100 an hour"."""
    for seconds, unit in ((1, "a second"), (60, "a minute")):
        if abs(a_second * seconds - round(a_second * seconds)) < 1e-9:
            return f"{round(a_second * seconds):,} {unit}"
    return f"{round(a_second * 3600):,} an hour"


@register.filter
def address(value: str) -> str:
    """An e-mail address that breaks before its "@", where it must break."""
    local, at, domain = value.rpartition("@")
    return format_html("{}<wbr>{}{}", local, at, domain) if at else value


@register.filter
def marked(text: str) -> str:
    """A text of ours in which `**bold**` and `` `code` `` are marked so."""
    shown = _BOLD.sub(r"<b>\1</b>", _CODE.sub(r"<code>\1</code>", escape(text)))
    return mark_safe(shown)  # noqa: S308 -- all else is escaped


@register.filter
def plural(value: int, unit: str) -> str:
    """3, "case" → "3 cases"."""
    return f"{value:,} {unit}{'' if value == 1 else 's'}"


@register.filter
def stars(value: int | str | None) -> str:
    """A rating as written beside a comment: "4 of 5"; a template gives "" for a missing one."""
    return f"{value}{NBSP}of{NBSP}5" if value else NOTHING


@register.simple_tag
def interval_bar(value: float | None, low: float | None, high: float | None, side: str = "") -> str:
    """A share on a line from 0 to 100 %, its interval as a band; the figures stand beside it."""
    if value is None or low is None or high is None:
        return ""
    left, right = max(low, 0.0) * 100, min(high, 1.0) * 100
    return format_html(
        '<svg class="bar {}" aria-hidden="true" focusable="false">'
        '<rect class="track" x="0" y="4" width="100%" height="4" rx="2"/>'
        '<rect class="range" x="{}%" y="3" width="{}%" height="6" rx="3"/>'
        '<circle class="point" cx="{}%" cy="6" r="5"/></svg>',
        side,
        f"{left:.2f}",
        f"{max(right - left, 0.5):.2f}",
        f"{value * 100:.2f}",
    )
