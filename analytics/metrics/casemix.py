"""What an agent's share would be on the company's mix of cases: agents and strata at once.

Public functions
    pairs(agent, stratum, cells) -> Pairs            counts per pair of agent and stratum
    standardise(pairs, confidence=.95) -> Standardised
    standardise_apart(own, hits, others, mix, confidence=.95) -> (Standardised, Standardised)

Dividing observed by expected hits, with the company's own share of each stratum as expectation,
blames the expectation on the agents themselves: where causes are routed to those who know them, a
stratum's share is mostly that of its few agents, true differences come out too small and intervals
too narrow. So each stratum gets an effect of its own, freed of who worked there.
"""

from typing import NamedTuple

import numpy as np

from analytics.columns import FloatArray, IntArray
from analytics.metrics.intervals import score_interval

#: Work grows with the square of the strata: an agents page of 2,000 agents must not take a second.
MOST_STRATA = 256
#: Pairs are summed in a table where it has no more cells than so many per row of counts.
_TABLED = 32
#: Newton steps are this long at most, on the logit scale.
_LONGEST = 2.0
_STEPS = 60
_CLOSE = 1e-4
#: What the strata may differ by, as a variance on the logit scale.
_LEAST, _START, _MOST = 1e-4, 0.25, 9.0


class Pairs(NamedTuple):
    """Counts per pair of agent and stratum that has answers, in order of their codes."""

    agent: IntArray
    stratum: IntArray
    n: FloatArray
    top2: FloatArray
    height: int
    width: int

    def alone(self) -> FloatArray:
        """Per agent: what part of the answers of their strata is their own, averaged over their
        answers, 0–1."""
        size = _sums(self.stratum, self.n, self.width)
        own = _sums(self.agent, self.n**2 / size[self.stratum], self.height)
        return np.asarray(own / _sums(self.agent, self.n, self.height))

    def joined(self) -> FloatArray:
        """Per agent: what part of all answers is tied to theirs, by strata that agents share and
        agents who share strata, 0–1. Between parts that nothing ties, agents cannot be told from
        what lands on their desks: each such part has a level of its own.

        Source: Searle 1987, Linear Models for Unbalanced Data, ch. 5 (connected data).
        """
        label = np.arange(self.height)
        while True:
            of_stratum = np.full(self.width, self.height)
            np.minimum.at(of_stratum, self.stratum, label[self.agent])
            lower = label.copy()
            np.minimum.at(lower, self.agent, of_stratum[self.stratum])
            if (lower == label).all():
                break
            label = lower
        size = np.bincount(label[self.agent], weights=self.n, minlength=self.height)
        return np.asarray(size[label] / max(float(self.n.sum()), 1.0))


class Standardised(NamedTuple):
    """Share on the company's mix with its limits; arrays over agents, by their codes."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


class _Fit(NamedTuple):
    agents: FloatArray
    strata: FloatArray
    #: Information of every agent's effect, and how it is tied to each stratum's (agents × strata).
    own: FloatArray
    tied: FloatArray
    #: Covariance of the strata's effects, the agents' integrated out.
    spread: FloatArray


_NOBODY = Standardised(*(np.zeros(0) for _ in range(3)))


def pairs(agent: IntArray, stratum: IntArray, cells: IntArray) -> Pairs:
    """Rows of counts as pairs of agent and stratum; the strata beyond MOST_STRATA, those with the
    fewest answers, count as one.

    Shape: codes 0… of agent and stratum, and (rows, 2) counts of answers, above 0, and hits.
    """
    height, width = (int(codes.max(initial=-1)) + 1 for codes in (agent, stratum))
    if width > MOST_STRATA:
        size = np.bincount(stratum, weights=cells[:, 0], minlength=width)
        place = np.empty(width, np.int64)
        place[np.argsort(-size, kind="stable")] = np.arange(width)
        stratum, width = np.minimum(place, MOST_STRATA - 1)[stratum], MOST_STRATA
    place = agent * width + stratum
    if height * width <= _TABLED * len(place):
        n, top2 = (_sums(place, cells[:, k], height * width) for k in (0, 1))
        codes = np.flatnonzero(n)
        n, top2 = n[codes], top2[codes]
    else:
        codes, row = np.unique(place, return_inverse=True)
        n, top2 = (_sums(row, cells[:, k], len(codes)) for k in (0, 1))
    return Pairs(codes // max(1, width), codes % max(1, width), n, top2, height, width)


def standardise(counted: Pairs, confidence: float = 0.95) -> Standardised:
    """Mean over the company's cases of the share the agent would have had with each.

    log odds of a hit = agent's effect + stratum's effect. Agents' effects are free, so that a true
    difference between agents is not shrunk; strata's are normal around 0 with a variance learnt
    from the data, so that a thin stratum does not make noise. An agent whose answers are all hits,
    or none, gets half an answer of the other kind: the effect would be infinite otherwise. The
    interval is Wilson's for the error that the log odds of the result have, what is not known of
    the strata included; without strata it is that of a counted share.

    Shape: one entry per agent. Units: shares 0–1.
    Source: Breslow & Clayton 1993, JASA 88:9 (penalised quasi-likelihood); Schall 1991, Biometrika
    78:719 (its variance); Lane & Nelder 1982, Biometrics 38:613 (averaging over a standard mix);
    Newcombe 2001, The American Statistician 55:200 (`score_interval`).
    """
    if not len(counted.n):
        return _NOBODY
    mix = _sums(counted.stratum, counted.n, counted.width)
    return _averaged(_fit(counted), mix / counted.n.sum(), confidence)


def standardise_apart(
    own: FloatArray, hits: FloatArray, others: Pairs, mix: FloatArray, confidence: float = 0.95
) -> tuple[Standardised, Standardised]:
    """The same of some agents whose answers tell nothing about the strata, and of all the others.

    For readers who must not see which stratum an answer of their own agents belongs to: what is
    known of the strata comes from the others alone, and of an agent's own answers only the sum of
    hits counts, which is all that the likelihood takes of them where the strata are given. Dividing
    by what the others' shares lead to expect would leave two things out: that these shares are
    uncertain, and that they are those of agents as good as the others happen to be.

    Shape: `own` answers by agent and stratum, `hits` by agent, `mix` parts of all cases by stratum,
    as wide as `others`, whose strata may be empty. One entry per own agent; one per other agent.
    """
    fit = _fit(others) if len(others.n) else _nothing_known(others.width)
    trials = own.sum(axis=1)
    counted = hits + np.where(hits == 0, 0.5, np.where(hits == trials, -0.5, 0.0))
    agents = np.log(counted / (trials - counted))
    for _ in range(_STEPS):
        p = _share(agents[:, None] + fit.strata)
        tied = own * p * (1 - p)
        known = tied.sum(axis=1)
        turn = np.clip((counted - (own * p).sum(axis=1)) / known, -_LONGEST, _LONGEST)
        agents = agents + turn
        if np.abs(turn).max(initial=0.0) < _CLOSE:
            break
    apart = _Fit(agents, fit.strata, known, tied, fit.spread)
    return _averaged(apart, mix, confidence), _averaged(fit, mix, confidence)


def _averaged(fit: _Fit, mix: FloatArray, confidence: float) -> Standardised:
    """Each agent's mean over the mix, with the score interval of its log odds."""
    within = _share(fit.agents[:, None] + fit.strata)
    value = within @ mix
    bend = within * (1 - within) * mix
    slope = bend.sum(axis=1)
    apart = slope[:, None] * fit.tied / fit.own[:, None] - bend
    variance = slope**2 / fit.own + ((apart @ fit.spread) * apart).sum(axis=1)
    error = np.sqrt(variance) / (value * (1 - value))
    return Standardised(value, *score_interval(value, error, confidence))


def _sums(codes: IntArray, values: FloatArray | IntArray, length: int) -> FloatArray:
    return np.bincount(codes, weights=values, minlength=length).astype(np.float64)


def _share(log_odds: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _nothing_known(width: int) -> _Fit:
    """Where nobody else has answers: strata that differ as much as is supposed at the start."""
    none = np.zeros(0)
    return _Fit(none, np.zeros(width), none, np.zeros((0, width)), _START * np.eye(width))


def _fit(counted: Pairs) -> _Fit:
    """Agents' and strata's effects, as `standardise` says, by Newton's steps.

    As tables of agents and strata: one of the products takes such a table anyway, and a step over a
    full one takes half of the time that pairs take.
    """
    n, top2 = (np.zeros((counted.height, counted.width)) for _ in range(2))
    n[counted.agent, counted.stratum] = counted.n
    top2[counted.agent, counted.stratum] = counted.top2
    trials, hits, met = n.sum(axis=1), top2.sum(axis=1), top2.sum(axis=0)
    uniform = np.where(hits == 0, 0.5, np.where(hits == trials, -0.5, 0.0))
    start = (hits + uniform) / trials
    agents, strata, variance = np.log(start / (1 - start)), np.zeros(counted.width), _START
    p, expected = np.empty_like(n), np.empty_like(n)
    for _ in range(_STEPS):
        _share_of(agents, strata, p)
        np.multiply(n, p, out=expected)
        tied = np.multiply(expected, np.subtract(1, p, out=p), out=p)
        own, across = tied.sum(axis=1), tied.sum(axis=0)
        # What the strata's effects are known by once every agent has an effect, too. Of a matrix
        # with itself, half of the products are left out.
        up = hits - expected.sum(axis=1) + uniform
        down = met - expected.sum(axis=0) - strata / variance
        half = np.divide(tied, np.sqrt(own)[:, None], out=expected)
        known = np.diag(across + 1 / variance) - half.T @ half
        spread = np.asarray(np.linalg.inv(known), dtype=np.float64)
        move = np.clip(spread @ (down - (up / own) @ tied), -_LONGEST, _LONGEST)
        turn = np.clip((up - tied @ move) / own, -_LONGEST, _LONGEST)
        agents, strata = agents + turn, strata + move
        used = max(counted.width - float(np.trace(spread)) / variance, 1e-9)
        variance = float(np.clip(strata @ strata / used, _LEAST, _MOST))
        if max(np.abs(move).max(), np.abs(turn).max()) < _CLOSE:
            break
    return _Fit(agents, strata, own, tied, spread)


def _share_of(agents: FloatArray, strata: FloatArray, out: FloatArray) -> None:
    """The share of every agent in every stratum, without a table for each step of reckoning it."""
    np.add(agents[:, None], strata, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)
