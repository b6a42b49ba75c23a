"""The reports as typed values: page, API, export and digest are made from these and nothing else.

Shares are 0–1; None means "nothing to say" (no answers, or too few), never 0. The field names are
those of the public interface, in its order.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from analytics.reports.figure_base import Figures as Figures
from analytics.reports.unseparated_figures import UnseparatedSeries as UnseparatedSeries

if TYPE_CHECKING:
    from analytics.reports.agent_rows import AgentRows
    from analytics.reports.cause_rows import CauseRows

Interval = Literal["day", "week", "month", "quarter"]
Dimension = Literal["fix", "cause"]


@dataclass(frozen=True, slots=True)
class FixFigures(Figures):
    """Rating of the fix: `top2` is the share of ratings 4–5 with its Wilson 95 % interval."""

    n: int
    mean: float | None
    top2: float | None
    top2_low: float | None
    top2_high: float | None


@dataclass(frozen=True, slots=True)
class CauseFigures(Figures):
    """Rating of the cause: `dismayed` is the share of "A lot" and "A great deal"."""

    n: int
    mean: float | None
    dismayed: float | None
    dismayed_low: float | None
    dismayed_high: float | None


@dataclass(frozen=True, slots=True)
class MaskedFigures(Figures):
    """Satisfied with the fix and dismayed at the cause: `count` of `n` who answered both.

    `share_satisfied` is of the `n_satisfied`: "of the customers a usual CSAT calls satisfied, this
    share was dismayed at the cause". Shares are None below 30 answers (`too_few`).
    """

    n: int
    count: int | None
    share_all: float | None
    share_all_low: float | None
    share_all_high: float | None
    n_satisfied: int | None
    share_satisfied: float | None
    share_satisfied_low: float | None
    share_satisfied_high: float | None
    too_few: bool


@dataclass(frozen=True, slots=True)
class SeparationFigures(Figures):
    """Pearson's r of F1 and C1 over `n` pairs; `hardly` where |r| ≥ 0.6."""

    n: int
    r: float | None
    r_low: float | None
    r_high: float | None
    hardly: bool


@dataclass(frozen=True, slots=True)
class OverviewReport(Figures):
    """The first screen.

    `invited`: everyone a mail was sent to or attempted for (sent, perhaps sent, failed, closed;
    bounces included), of cases resolved in the period with by=resolved, of mails sent in it with
    by=answered. `delivered` leaves out failed and bounced ones. `completed`: those of the invited
    who answered to the end. `response_rate` is AAPOR's RR1, completed / invited;
    `delivered_response_rate` is completed / delivered.

    A part that the reader may not see is None.
    """

    fix: FixFigures | None
    cause: CauseFigures | None
    masked: MaskedFigures | None
    invited: int
    delivered: int
    completed: int
    response_rate: float | None
    delivered_response_rate: float | None
    separation: SeparationFigures | None


@dataclass(frozen=True, slots=True)
class AgentName(Figures):
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class AgentRow(Figures):
    """One agent, by how customers rated the fix. Under 10 ratings only `n` is told (`too_few`);
    from 10 to 29 the figures are `indicative`.

    `top2`: share of ratings 4–5 of F2 where asked of one agent, else F1 (Wilson 95 %). `shrunk`:
    beta-binomial posterior (90 %). `adjusted`: as if every agent had met the same mix of cause
    categories, products and channels; None and `separable` False where an agent works almost alone
    on their kinds of cases, or in a group that shares none with the others. `rank_low`–`rank_high`:
    90 % interval of the rank by `adjusted`, 1 being the highest share; None where that is.
    """

    agent: AgentName
    n: int
    mean: float | None
    top2: float | None
    top2_low: float | None
    top2_high: float | None
    shrunk: float | None
    shrunk_low: float | None
    shrunk_high: float | None
    adjusted: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    rank_low: int | None
    rank_high: int | None
    too_few: bool
    indicative: bool
    separable: bool | None
    id: int = 0

    def as_dict(self) -> dict[str, Any]:
        row = Figures.as_dict(self)
        del row["id"]
        return row


@dataclass(frozen=True, slots=True)
class AgentsReport(Figures):
    """Agents by name, never by score. `company` is all their ratings together, what one agent is
    compared with: a case that two handled is said of both. The company's own total, which counts
    each case once, is the overview's. `n_ranked` is the number of agents the ranks are among."""

    results: AgentRows
    company: FixFigures
    n_ranked: int


@dataclass(frozen=True, slots=True)
class CauseName(Figures):
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class CauseRow(Figures):
    """One cause, by how much customers minded that the problem happened.

    `cases`: resolutions of the cause in the period, by the day of resolution. `index`: cases ×
    shrunk dismay rate, the customers presumably dismayed (interval 90 %). `avoidable`: share of
    "Probably" and "Definitely" of `avoidable_n` answers; `recurrent`: share who had the problem
    before of `recurrent_n`, "Not sure" left out; all rates with their Wilson 95 % intervals.
    `share_of_dismay`: of the sum of `index` over all causes (interval 90 %). Under 5 answers the
    rates and their own numbers are None (`too_few`); what leans on all causes (`shrunk`, `index`,
    `share_of_dismay`, `preventable`) remains. `preventable`: cases × shrunk dismay rate × shrunk
    share who say it was avoidable (interval 90 %).
    """

    cause: CauseName
    cases: int
    n: int
    mean: float | None
    dismayed: float | None
    dismayed_low: float | None
    dismayed_high: float | None
    shrunk: float | None
    index: float | None
    avoidable: float | None
    recurrent: float | None
    share_of_dismay: float | None
    too_few: bool
    index_low: float | None
    index_high: float | None
    avoidable_n: int | None
    avoidable_low: float | None
    avoidable_high: float | None
    recurrent_n: int | None
    recurrent_low: float | None
    recurrent_high: float | None
    share_of_dismay_low: float | None
    share_of_dismay_high: float | None
    preventable: float | None
    preventable_low: float | None
    preventable_high: float | None
    id: int = 0

    def as_dict(self) -> dict[str, Any]:
        row = Figures.as_dict(self)
        del row["id"]
        return row


@dataclass(frozen=True, slots=True)
class CausesReport(Figures):
    """Causes, worst index first; `results` is like a tuple (`reports.cause_rows.CauseRows`)."""

    results: CauseRows


@dataclass(frozen=True, slots=True)
class QuadrantFigures(Figures):
    """Customers by fix rating (4–5, 3, 1–2) and dismay; adds up to the matrix's n."""

    served_well: int
    masked: int
    neither: int
    neither_dismayed: int
    failed: int
    failed_dismayed: int


@dataclass(frozen=True, slots=True)
class ChooseAgainFigures(Figures):
    """Share who would choose the company again (O1 ≥ 4): served well and not dismayed, against
    masked, each with its Wilson 95 % interval; the difference, `low`–`high`, with Newcombe's."""

    served_well: float | None
    served_well_n: int
    masked: float | None
    masked_n: int
    difference: float | None
    low: float | None
    high: float | None
    served_well_low: float | None
    served_well_high: float | None
    masked_low: float | None
    masked_high: float | None


@dataclass(frozen=True, slots=True)
class ArmSeparation(Figures):
    """Separation among those who were asked in one order of the pages."""

    arm: str
    separation: SeparationFigures


@dataclass(frozen=True, slots=True)
class OrderEffect(Figures):
    """What the order of the pages does to each headline, of those who answered both: the share when
    asked about the fix first minus the share when asked about the cause first, in share points with
    Newcombe's 95 % interval. The order is drawn at random, so a difference is its effect."""

    n_fix_first: int
    n_cause_first: int
    fix: float | None
    fix_low: float | None
    fix_high: float | None
    cause: float | None
    cause_low: float | None
    cause_high: float | None


@dataclass(frozen=True, slots=True)
class MatrixReport(Figures):
    """`cells[fix − 1][cause − 1]`: customers who rated the fix 1–5 and the cause 1–5 ("Not at all"
    to "A great deal"). `cells` is None where too few answered for this reader."""

    n: int
    cells: tuple[tuple[int, ...], ...] | None
    masked: MaskedFigures
    separation: SeparationFigures
    quadrants: QuadrantFigures | None
    arms: tuple[ArmSeparation, ...]
    choose_again: ChooseAgainFigures | None
    order_effect: OrderEffect | None


@dataclass(frozen=True, slots=True)
class TrendPoint(Figures):
    """One day, ISO week or month; `partial` where the asked dates cut it."""

    start: dt.date
    end: dt.date
    partial: bool
    fix: FixFigures | None
    cause: CauseFigures | None


@dataclass(frozen=True, slots=True)
class TrendMark(Figures):
    """A version of a questionnaire from which on a trend starts anew: answers before and after
    `date` cannot be compared. `dimension` is "fix" or "cause", `item` its headline question, `why`
    says what changed."""

    date: dt.date
    dimension: Dimension
    item: str
    questionnaire: str
    questionnaire_name: str
    version: int
    why: str


@dataclass(frozen=True, slots=True)
class TrendReport(Figures):
    """Every interval between the first and the last day, those without answers too (n = 0).
    `marks`: where the trend of the fix or of the cause cannot be read across. `unseparated`: what
    other tools asked with one question before; `unseparated_note` says what of it is not there."""

    interval: Interval
    results: tuple[TrendPoint, ...]
    marks: tuple[TrendMark, ...] = ()
    unseparated: tuple[UnseparatedSeries, ...] = ()
    unseparated_note: str = ""


@dataclass(frozen=True, slots=True)
class OwnAnswer(Figures):
    """The answer to one of the questionnaire's own questions, in words: English ones where the
    questionnaire has them, else those of its default language."""

    id: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class ResponseItem(Figures):
    """One response: answers by item id, comments, and what the case was at resolution.

    What the reader may not see is None (or absent from `items`). `id` is the response's own.
    `items` also holds the answers to the questionnaire's own questions: a number, a list of them,
    or text; `own` says in words what those were, for an id means something only beside its
    `version` of the questionnaire.
    """

    id: int
    answered_at: dt.date  # a moment, or for agents only the first of its month
    resolved_at: dt.datetime | None
    completed: bool | None
    case: dict[str, str] | None
    customer: dict[str, str] | None
    items: dict[str, int | list[int] | str]
    own: tuple[OwnAnswer, ...]
    fix_comment: str | None
    cause_comment: str | None
    agents: tuple[AgentName, ...] | None
    team: str | None
    product: str | None
    cause: CauseName | None
    channel: str
    language: str
    questionnaire: str
    version: int | None
    arm: str | None
    n_revisions: int | None
    is_sample: bool


@dataclass(frozen=True, slots=True)
class ResponsesPage(Figures):
    """Newest first; `next` is the cursor of the page after this one. `too_few` where so few match
    that this reader could tell who answered: then nothing is listed."""

    results: tuple[ResponseItem, ...]
    next: str | None
    too_few: bool = False
