"""Kinds of cases that agents are compared within: fixed before anybody acted."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: A mix of cause, product and channel with fewer ratings joins the rest of its cause: its own share
#: would be mostly chance, and mostly the agent's own.
SMALLEST_STRATUM = 50


def strata(mixes: pd.DataFrame) -> pd.DataFrame:
    """agent_id, stratum, n, top2; thin mixes pooled within their cause."""
    n, top2 = (mixes[name].to_numpy(np.int64) for name in ("n", "top2"))
    cause = mixes["cause_id"].fillna(0).to_numpy(np.int64)
    mix = np.zeros(len(mixes), np.int64)
    for name in ("cause_id", "product_id", "channel"):
        code, values = pd.factorize(mixes[name], sort=True, use_na_sentinel=False)
        mix = np.unique(mix * max(1, len(values)) + code, return_inverse=True)[1]
    thin = np.bincount(mix, weights=n)[mix] < SMALLEST_STRATUM
    # Numbers of mixes start above every cause's own stratum.
    stratum = np.where(thin, cause, mix + 1 + cause.max(initial=0))
    agent = mixes["agent_id"].to_numpy(np.int64)
    return pd.DataFrame({"agent_id": agent, "stratum": stratum, "n": n, "top2": top2})
