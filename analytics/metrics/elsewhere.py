"""Agents of a reader who is told of groups of answers only, beside all other agents.

Public function
    adjusted_elsewhere(own, hits, others, mix) -> DataFrame
        agent_id, adjusted, adjusted_low, adjusted_high, separable           own agents and others

What each kind of case is like is learned from the others' answers alone (`casemix`): a reader who
knew how many of each kind the own agents had could take apart what an own answer moves.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import FloatArray, IntArray, kinds, require
from analytics.metrics import casemix
from analytics.metrics.agents import ADJUSTED, JOINED_FROM, SEPARABLE_BELOW


def adjusted_elsewhere(
    own: pd.DataFrame, hits: "pd.Series[int]", others: pd.DataFrame, mix: pd.DataFrame
) -> pd.DataFrame:
    """What `agents.adjusted` says, of own agents by what the others' cases were like.

    An own agent who has 80 % of all answers in their strata, or whose strata tie them to less than
    half of the answers, is not separable; so is everyone where no other has a single hit.

    Shape: `own` rows (agent_id, stratum, n); `hits` by agent_id; `others` rows (agent_id, stratum,
    n, top2) of other agents; `mix` rows (stratum, n), the company's answers. One row per agent.
    Units: shares 0–1, interval 95 %.
    Raises: FrameError for missing or ill-typed columns.
    Source: as `agents.adjusted`.
    """
    require(own, {"agent_id": "any", "stratum": "any", **kinds(("n",))})
    require(others, {"agent_id": "any", "stratum": "any", **kinds(("n", "top2"))})
    strata, width = _numbered(own["stratum"], others, mix)
    of, own_ids = pd.factorize(own["agent_id"], sort=True)
    counts = np.zeros((len(own_ids), width))
    np.add.at(counts, (of, strata[0]), own["n"].to_numpy(float))
    other, other_ids = pd.factorize(others["agent_id"], sort=True)
    pairs = casemix.pairs(other, strata[1], others[["n", "top2"]].to_numpy(np.int64))
    pairs = pairs._replace(width=width)
    parts = np.zeros(width)
    np.add.at(parts, strata[2], mix["n"].to_numpy(float))
    seen = hits.reindex(own_ids).to_numpy().astype(np.float64)
    found = casemix.standardise_apart(counts, seen, pairs, parts / max(float(parts.sum()), 1.0))
    separable = _separable(counts, pairs)
    own_rows, other_rows = (
        _table(ids, one, told)
        for ids, one, told in zip((own_ids, other_ids), found, separable, strict=True)
    )
    return pd.concat([own_rows, other_rows], ignore_index=True)


def _numbered(
    own: "pd.Series[int]", others: pd.DataFrame, mix: pd.DataFrame
) -> tuple[tuple[IntArray, IntArray, IntArray], int]:
    """Codes of the strata of all three, those with most answers of others first; and how many. What
    is beyond `casemix.MOST_STRATA` counts as one."""
    size = others.groupby("stratum")["n"].sum().sort_values(ascending=False, kind="stable")
    unknown = set(own) | set(mix["stratum"])
    order = [*size.index, *sorted(unknown - set(size.index))]
    place = pd.Series(np.minimum(np.arange(len(order)), casemix.MOST_STRATA - 1), index=order)
    codes = (
        place.reindex(names).to_numpy(np.int64)
        for names in (own, others["stratum"], mix["stratum"])
    )
    return tuple(codes), min(len(order), casemix.MOST_STRATA)  # type: ignore[return-value]


def _separable(
    own: FloatArray, others: casemix.Pairs
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of own agents, each beside the others alone; and of these."""
    elsewhere = np.bincount(others.stratum, weights=others.n, minlength=others.width)
    every = np.maximum(own + elsewhere, 1.0)
    alone = (own**2 / every).sum(axis=1) / np.maximum(own.sum(axis=1), 1.0)
    agent, stratum = np.nonzero(own)
    both = casemix.Pairs(
        np.concatenate([others.agent, agent + others.height]),
        np.concatenate([others.stratum, stratum]),
        np.concatenate([others.n, own[agent, stratum]]),
        np.concatenate([others.top2, np.zeros(len(agent))]),
        others.height + len(own),
        others.width,
    )
    some = bool(others.top2.sum() > 0)
    tied = both.joined() >= JOINED_FROM
    apart = np.concatenate([others.alone() < SEPARABLE_BELOW, alone < SEPARABLE_BELOW])
    told = tied & apart & some
    return told[others.height :], told[: others.height]


def _table(
    ids: "pd.Index[int]", found: casemix.Standardised, told: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    shown = {
        name: np.where(told, values, np.nan) for name, values in zip(ADJUSTED, found, strict=True)
    }
    return pd.DataFrame({"agent_id": ids, **shown, "separable": told})
