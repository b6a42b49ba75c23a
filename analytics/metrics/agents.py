"""Agents, by how their customers rated the fix. No cause answer is an input, by name or by value.

Public functions
    agents(frame, strata=None, wider=None, *, too_few=10, indicative=30, draws=10_000, seed=SEED)
        -> DataFrame
    rated(frame, wider=None, *, too_few=10, indicative=30) -> DataFrame       as rated, no ranks
    adjusted(strata, separable_below=.8) -> DataFrame
        agent_id, adjusted, adjusted_low, adjusted_high, separable
    with_adjusted(table, adjusted, *, draws=10_000, seed=SEED) -> DataFrame   both, and the ranks

`frame`: agent_id, h1..h5 (ratings of F2 where asked, else F1). `strata`: agent_id, stratum, n, top2
(counts). `wider`: units of the team or company, with h1..h5, used below 10 agents.
`agents` returns, one row per agent in the order given:
    agent_id, n, mean, top2, top2_low, top2_high, shrunk, shrunk_low, shrunk_high, adjusted,
    adjusted_low, adjusted_high, separable, rank_low, rank_high (Int64), p_top_quarter,
    p_bottom_quarter, too_few, indicative
Figures of agents marked too_few are for the caller to withhold; they carry no rank, nor do those
who are not separable.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_integer_dtype

from analytics.columns import HISTOGRAM, FrameError, IntArray, counts, kinds, require
from analytics.metrics import casemix
from analytics.metrics.funnel import as_sure_as
from analytics.metrics.intervals import SEED
from analytics.metrics.ranks import DRAWS, rank_intervals
from analytics.metrics.ratings import summarise
from analytics.metrics.shrinkage import Pool, pool_for, posterior, shrink

#: Below this an agent's figures are not shown, and from INDICATIVE on they stand by themselves.
TOO_FEW = 10
INDICATIVE = 30
#: From this part of the answers in an agent's strata on, agent and stratum are one thing.
SEPARABLE_BELOW = 0.8
#: So much of all answers must be tied to an agent's own by shared strata, or there is no company to
#: compare with.
JOINED_FROM = 0.5
ADJUSTED = ("adjusted", "adjusted_low", "adjusted_high")
_NOT_ADJUSTED: dict[str, Any] = {**dict.fromkeys(ADJUSTED, np.nan), "separable": False}


def agents(
    frame: pd.DataFrame,
    strata: pd.DataFrame | None = None,
    wider: pd.DataFrame | None = None,
    *,
    too_few: int = TOO_FEW,
    indicative: int = INDICATIVE,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pd.DataFrame:
    """Figures of every agent with their uncertainty.

    Shape: see the module; agents without answers keep their row, with NaN. Intervals of shares are
    95 % (Wilson), of shrunk shares and ranks 90 %. Ranks as `with_adjusted` has them; without
    `strata`, where nothing is known of what landed on whose desk, those of the shrunk shares.
    Units: shares 0–1, mean 1–5, ranks from 1 (highest share).
    Raises: FrameError for missing or ill-typed columns, or an agent_id that comes twice.
    Source: Wilson 1927; Goldstein & Spiegelhalter 1996.
    """
    table = rated(frame, wider, too_few=too_few, indicative=indicative)
    if strata is not None:
        return with_adjusted(table, adjusted(strata), draws=draws, seed=seed)
    n, hits = table["n"].to_numpy(), counts(frame, HISTOGRAM)[:, 3:].sum(axis=1)
    a, b = posterior(_pool(hits, n, wider), hits, n, order=True)
    return _with_ranks(table, a, b, n >= too_few, draws, seed)


def rated(
    frame: pd.DataFrame,
    wider: pd.DataFrame | None = None,
    *,
    too_few: int = TOO_FEW,
    indicative: int = INDICATIVE,
) -> pd.DataFrame:
    """The columns of `agents` that need no strata; those adjusted are NaN, and nobody has a rank.

    Shape, units, errors: as `agents`.
    """
    require(frame, {"agent_id": "any", **kinds(HISTOGRAM)})
    if frame["agent_id"].duplicated().any():
        raise FrameError("column 'agent_id' names an agent twice")
    table = summarise(frame[["agent_id", *HISTOGRAM]].reset_index(drop=True))
    n = table["n"].to_numpy()
    hits = counts(frame, HISTOGRAM)[:, 3:].sum(axis=1)
    estimate = shrink(_pool(hits, n, wider), hits, n)
    for name, values in zip(("shrunk", "shrunk_low", "shrunk_high"), estimate, strict=True):
        table[name] = np.where(n > 0, values, np.nan)
    table = table.assign(**_NOT_ADJUSTED)
    nobody = np.zeros(len(table), dtype=bool)
    table = _with_ranks(table, n, n, nobody, 0, SEED)
    table["too_few"] = n < too_few
    table["indicative"] = (n >= too_few) & (n < indicative)
    return table.drop(columns=list(HISTOGRAM))


def _pool(hits: IntArray, n: IntArray, wider: pd.DataFrame | None) -> Pool:
    if wider is None:
        return pool_for(hits, n)
    cells = counts(wider, HISTOGRAM)
    return pool_for(hits, n, (cells[:, 3:].sum(axis=1), cells.sum(axis=1)))


def with_adjusted(
    table: pd.DataFrame, adjusted: pd.DataFrame, *, draws: int = DRAWS, seed: int = SEED
) -> pd.DataFrame:
    """The table of `rated` with what `adjusted` found, maybe beside it, and the ranks by that.

    Ranks are among the agents who are separable and not too_few. An adjusted share is known as well
    as so many plain answers would make it known (`funnel.worth`, without its bound, for the spread
    on the logit scale is what counts here); these are shrunk towards a pool of their own, as shares
    are, and the ranks are those of the posteriors. By shares as rated, whoever is sent the cases
    that please nobody is ranked for them: of agents who specialise, such intervals hold the rank
    that each would have with everyone's cases half as often as they promise. That two agents'
    errors hang together through the kinds of cases they share is left out: with it, joint draws
    hold the true ranks no nearer to the promise.

    Shape: as `agents`; agents without strata have NaN and separable False.
    Source: Goldstein & Spiegelhalter 1996, JRSS A 159:385 (ranks by draws, after adjustment);
    Marshall & Spiegelhalter 1998, BMJ 316:1701.
    """
    found = adjusted.set_index("agent_id").reindex(table["agent_id"])
    columns = {name: found[name].to_numpy(dtype=float) for name in ADJUSTED}
    separable = found["separable"].eq(True).fillna(False).to_numpy(dtype=bool)
    table = table.assign(**columns, separable=separable)
    value, low, high = columns.values()
    known = separable & ~np.isnan(value)
    size = np.zeros(len(table))
    size[known] = as_sure_as(value[known], low[known], high[known])
    hits = np.where(known, value, 0.0) * size
    a, b = posterior(pool_for(hits[known], size[known]), hits, size, order=True)
    return _with_ranks(table, a, b, known & ~table["too_few"].to_numpy(bool), draws, seed)


def _with_ranks(
    table: pd.DataFrame,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    ranked: npt.NDArray[np.bool_],
    draws: int,
    seed: int,
) -> pd.DataFrame:
    # Drawn in the order of the ids, so that the order of the rows cannot move a rank.
    places = np.flatnonzero(ranked)
    places = places[np.argsort(table["agent_id"].astype(str).to_numpy()[places], kind="stable")]
    alphas, betas = (np.asarray(part, dtype=float)[places] for part in (a, b))
    ranks = rank_intervals(alphas, betas, draws=draws, seed=seed)
    for name, values in zip(("rank_low", "rank_high"), ranks[:2], strict=True):
        column = np.full(len(table), np.nan)
        column[places] = values
        table[name] = pd.array(column, dtype="Float64").astype("Int64")
    for name, chances in zip(("p_top_quarter", "p_bottom_quarter"), ranks[2:], strict=True):
        column = np.full(len(table), np.nan)
        column[places] = chances
        table[name] = column
    return table


def adjusted(strata: pd.DataFrame, separable_below: float = SEPARABLE_BELOW) -> pd.DataFrame:
    """Share of ratings 4–5 as it would be if every agent had met the company's mix of cases.

    A stratum is something fixed before the agent acted (cause category, product, channel), never an
    answer of the customer. Agents and strata have an effect each (`casemix`), so that the strata
    are not judged by the agents who happened to work there, nor the agents by their strata.

    An agent who gives 80 % of the answers of their strata or more, on average over their answers,
    cannot be told apart from what landed on their desk: NaN and separable False. So is one whose
    strata no agent shares who works on those of the others, where these are half of the company's
    answers; and everyone where there is no hit at all.

    Shape: rows (agent_id, stratum, n, top2), integer counts → one row per agent, by agent_id.
    Units: shares 0–1, interval 95 %.
    Raises: FrameError for missing or ill-typed columns, or top2 above n.
    Source: Breslow & Clayton 1993, JASA 88:9; Lane & Nelder 1982, Biometrics 38:613 (`casemix`).
    """
    require(strata, {"agent_id": "any", "stratum": "any", **kinds(("n", "top2"))})
    cells = counts(strata, ("n", "top2"))
    if (cells[:, 1] > cells[:, 0]).any():
        raise FrameError("column 'top2' exceeds column 'n'")
    some = cells[:, 0] > 0
    if not some.all():
        strata, cells = strata.loc[some], cells[some]
    agent_of, agent_ids = _numbered(strata["agent_id"])
    pairs = casemix.pairs(agent_of, _numbered(strata["stratum"])[0], cells)
    separable = np.asarray(pairs.alone() < separable_below) & (pairs.top2.sum() > 0)
    separable &= np.asarray(pairs.joined() >= JOINED_FROM)
    found = casemix.standardise(pairs)
    columns = {
        name: np.where(separable, values, np.nan)
        for name, values in zip(ADJUSTED, found, strict=True)
    }
    return pd.DataFrame({"agent_id": agent_ids, **columns, "separable": separable})


def _numbered(names: "pd.Series[Any]") -> tuple[IntArray, Any]:
    """Each name's place among the different ones in order, and these."""
    if is_integer_dtype(names.dtype) and len(names):
        ids = names.to_numpy(np.int64)
        low, high = int(ids.min()), int(ids.max())
        # A table takes a tenth of the time of hashing and sorting.
        if high - low < 4 * len(ids):
            used = np.bincount(ids - low) > 0
            return (np.cumsum(used) - 1)[ids - low], np.flatnonzero(used) + low
    codes, found = pd.factorize(names, sort=True)
    return codes, found
