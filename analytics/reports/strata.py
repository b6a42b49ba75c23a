"""Kinds of cases that agents are compared within: fixed before anybody acted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.columns import IntArray

#: A mix of cause, product and channel with fewer ratings joins the rest of its cause: its own share
#: would be mostly chance, and mostly the agent's own.
SMALLEST_STRATUM = 50


def strata(mixes: pd.DataFrame, kinds: pd.DataFrame | None = None) -> pd.DataFrame:
    """agent_id, stratum, n, top2; thin mixes pooled within their cause.

    Shape: `mixes` has agent_id, n and top2; and cause_id, product_id and channel, or `mix`, the row
    of `kinds` where these stand.
    """
    n, top2 = (mixes[name].to_numpy(np.int64) for name in ("n", "top2"))
    # Few kinds of cases are many rows, one per agent.
    mix, cause = _numbered(mixes if kinds is None else kinds)
    if kinds is not None:
        of = mixes["mix"].to_numpy(np.int64)
        mix, cause = mix[of], cause[of]
    thin = np.bincount(mix, weights=n)[mix] < SMALLEST_STRATUM
    # Numbers of mixes start above every cause's own stratum.
    stratum = np.where(thin, cause, mix + 1 + cause.max(initial=0))
    agent = mixes["agent_id"].to_numpy(np.int64)
    return pd.DataFrame({"agent_id": agent, "stratum": stratum, "n": n, "top2": top2})


def _numbered(kinds: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Each row's mix as a number in the order of cause, product and channel; and its cause, or 0.

    The order is that of the cases themselves, so that every process breaks ties alike.
    """
    mix = np.zeros(len(kinds), np.int64)
    for name in ("cause_id", "product_id", "channel"):
        code, values = pd.factorize(kinds[name], sort=True, use_na_sentinel=False)
        mix = np.unique(mix * max(1, len(values)) + code, return_inverse=True)[1]
    return mix, kinds["cause_id"].fillna(0).to_numpy(np.int64)
