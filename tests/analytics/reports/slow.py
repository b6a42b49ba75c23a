"""The arithmetic of the reports once more: one value at a time, from the published formulas.

Nothing of the product is imported. Where scipy or statsmodels have the method, theirs is taken.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import minimize
from scipy.special import betaln
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

Limits = tuple[float, float]


def wilson(x: int, n: int) -> Limits:
    """Of a share, 95 %."""
    low, high = proportion_confint(x, n, method="wilson")
    return max(0.0, float(low)), min(1.0, float(high))


def newcombe(x1: int, n1: int, x2: int, n2: int) -> Limits:
    """Of a difference of shares, 95 %."""
    low, high = confint_proportions_2indep(x1, n1, x2, n2, compare="diff", method="newcomb")
    return float(low), float(high)


def fisher(r: float, n: int) -> Limits:
    """Of a correlation, 95 %."""
    if abs(r) == 1:
        return r, r
    step = stats.norm.ppf(0.975) / math.sqrt(n - 3)
    return math.tanh(math.atanh(r) - step), math.tanh(math.atanh(r) + step)


def correlation(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Pearson's, None where a side does not vary."""
    if len({one for one, _ in pairs}) < 2 or len({two for _, two in pairs}) < 2:
        return None
    return float(stats.pearsonr(*zip(*pairs, strict=True)).statistic)


Counted = tuple[float, float]
"""Hits and answers: whole numbers where they were counted."""


class Pool:
    """Beta prior of units (x, n), and what each unit's posterior is."""

    def __init__(self, units: Sequence[Counted], wider: Sequence[Counted]) -> None:
        units = [unit for unit in units if unit[1]]
        self._strengths: list[tuple[float, float, float]] = []
        if len(units) < 10:
            units = [unit for unit in wider if unit[1]]
        x, n = np.array(units, dtype=float).reshape(-1, 2).T
        self.mean = (x.sum() + 0.5) / (n.sum() + 1)
        self.strength = 10.0
        if len(units) >= 10:
            self._learn(x, n)

    def _learn(self, x: np.ndarray, n: np.ndarray) -> None:
        self.strength = float(n.sum())
        if x.sum() in (0, n.sum()):
            return

        def height(logit: float, log_strength: float) -> float:
            share, size = 1 / (1 + math.exp(-logit)), math.exp(log_strength)
            a, b = share * size, (1 - share) * size
            return float((betaln(x + a, n - x + b) - betaln(a, b)).sum())

        bounds = [(-30.0, 30.0), (math.log(0.05), math.log(n.sum()))]
        best = min(
            (
                minimize(
                    lambda p: -height(*p), (math.log(self.mean / (1 - self.mean)), start),
                    bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-9},
                )
                for start in (0.0, 2.0, 4.0)
            ),
            key=lambda found: found.fun,
        )  # fmt: skip
        logit = float(best.x[0])
        self.mean, self.strength = 1 / (1 + math.exp(-logit)), math.exp(float(best.x[1]))
        if len(x) >= 100:
            return
        # Every variance between units is as likely; 24 strengths stand for all of them.
        grid = np.exp(np.linspace(math.log(0.5), math.log(1e4), 24))
        step, found = 1e-3, []
        for size in grid:
            here = [height(logit + k * step, math.log(size)) for k in (-1, 0, 1)]
            curve = -(here[0] - 2 * here[1] + here[2]) / step**2
            found.append((float(size), here[1] - math.log(size), 1 / max(curve, 1e-9)))
        most = max(one[1] for one in found)
        weights = [math.exp(one[1] - most) for one in found]
        self._strengths = [
            (size, weight / sum(weights), variance)
            for (size, _, variance), weight in zip(found, weights, strict=True)
        ]

    def posterior(self, x: float, n: float, *, order: bool = False) -> tuple[float, float]:
        """Parameters of the beta; for the order of units without what moves all of them alike."""
        a = x + self.mean * self.strength
        b = n - x + (1 - self.mean) * self.strength
        if not self._strengths:
            return a, b
        mean, spread = a / (a + b), 0.0
        for size, weight, variance in self._strengths:
            own = (x + self.mean * size) / (n + size)
            move = size / (n + size) * self.mean * (1 - self.mean)
            alone = own * (1 - own) / (n + size + 1)
            common = move**2 * variance + (own - mean) ** 2
            spread += weight * (alone if order else alone + common)
        size = max(mean * (1 - mean) / spread - 1, 1e-3)
        return mean * size, (1 - mean) * size

    def shrunk(self, x: int, n: int) -> tuple[float, float, float]:
        """Posterior mean with its central 90 %."""
        a, b = self.posterior(x, n)
        low, high = (float(stats.beta.ppf(tail, a, b)) for tail in (0.05, 0.95))
        mean = a / (a + b)
        return mean, min(low, mean), max(high, mean)


Cells = dict[tuple[str, object], list[int]]
"""n and hits by agent and stratum."""


def strata(rows: Sequence[tuple[str, object, object, object, bool]]) -> Cells:
    """Rows (agent, cause, product, channel, hit); mixes under 50 join the rest of their cause."""
    size = Counter(row[1:4] for row in rows)
    found: Cells = defaultdict(lambda: [0, 0])
    for agent, cause, product, channel, hit in rows:
        mix = (cause, product, channel)
        cell = found[agent, mix if size[mix] >= 50 else ("rest", cause)]
        cell[0] += 1
        cell[1] += hit
    return dict(found)


def separable(cells: Cells) -> set[str]:
    """Agents who can be told from their cases."""
    if not any(hits for _, hits in cells.values()):
        return set()
    of_stratum: Counter[object] = Counter()
    of_agent: Counter[str] = Counter()
    for (agent, stratum), (n, _) in cells.items():
        of_stratum[stratum] += n
        of_agent[agent] += n
    alone: dict[str, float] = defaultdict(float)
    for (agent, stratum), (n, _) in cells.items():
        alone[agent] += n * n / of_stratum[stratum] / of_agent[agent]
    groups: list[set[object]] = []
    for agent, stratum in cells:
        mine: set[object] = {("agent", agent), ("stratum", stratum)}
        for other in [one for one in groups if one & mine]:
            mine |= other
            groups.remove(other)
        groups.append(mine)
    everything = sum(of_agent.values())
    found = set()
    for agent in of_agent:
        group = next(one for one in groups if ("agent", agent) in one)
        tied = sum(n for other, n in of_agent.items() if ("agent", other) in group)
        if alone[agent] < 0.8 and tied >= 0.5 * everything:
            found.add(agent)
    return found


def adjusted(cells: Cells) -> dict[str, tuple[float, float, float]]:
    """Agents fixed, strata normal about 0: penalised quasi-likelihood, whole matrices, to the end;
    then the mean over the company's strata with its 95 % interval."""
    agents, kinds = sorted({a for a, _ in cells}), sorted({s for _, s in cells}, key=repr)
    height, width = len(agents), len(kinds)
    design = np.zeros((len(cells), height + width))
    n, hits = np.zeros(len(cells)), np.zeros(len(cells))
    for row, ((agent, stratum), counted) in enumerate(cells.items()):
        design[row, agents.index(agent)] = design[row, height + kinds.index(stratum)] = 1
        n[row], hits[row] = counted
    # An agent of hits alone, or of none, gets half an answer of the other kind.
    total, sure = design[:, :height].T @ n, design[:, :height].T @ hits
    nudge = np.concatenate([0.5 * (sure == 0) - 0.5 * (sure == total), np.zeros(width)])
    effects, variance = np.zeros(height + width), 0.25
    for _ in range(20_000):
        before = effects.copy(), variance
        p = 1 / (1 + np.exp(-design @ effects))
        penalty = np.concatenate([np.zeros(height), np.full(width, 1 / variance)])
        bend = (design.T * (n * p * (1 - p))) @ design + np.diag(penalty)
        slope = design.T @ (hits - n * p) + nudge - penalty * effects
        covariance = np.linalg.inv(bend)
        effects = effects + np.clip(covariance @ slope, -0.7, 0.7)
        own = effects[height:]
        used = max(width - np.trace(covariance[height:, height:]) / variance, 1e-9)
        variance = float(np.clip(own @ own / used, 1e-4, 9.0))
        if np.abs(effects - before[0]).max() < 1e-8 and abs(variance / before[1] - 1) < 1e-6:
            break
    mix = design[:, height:].T @ n / n.sum()
    found = {}
    for place, agent in enumerate(agents):
        within = 1 / (1 + np.exp(-(effects[place] + effects[height:])))
        value = float(within @ mix)
        gradient = np.zeros(height + width)
        gradient[height:] = within * (1 - within) * mix
        gradient[place] = gradient[height:].sum()
        error = math.sqrt(gradient @ covariance @ gradient) / (value * (1 - value))
        # Wilson's interval of as many answers as would leave this error.
        size = 1 / (error**2 * value * (1 - value))
        low, high = proportion_confint(value * size, size, method="wilson")
        found[agent] = (value, float(low), float(high))
    return found


def rank_chances(posteriors: Sequence[tuple[float, float]], draws: int = 40_000) -> np.ndarray:
    """Chance of each unit (row) to hold each rank (column), 1 the highest, by plain draws."""
    if not posteriors:
        return np.empty((0, 0))
    random = np.random.default_rng(99)
    drawn = np.column_stack([random.beta(a, b, draws) for a, b in posteriors])
    ranks = (-drawn).argsort(axis=1).argsort(axis=1)
    units = len(posteriors)
    return np.array([np.bincount(ranks[:, unit], minlength=units) / draws for unit in range(units)])


def parts_of_sum(cases: Sequence[int], posteriors: Sequence[tuple[float, float]]) -> list[
    tuple[float, float, float]
]:  # fmt: skip
    """Each unit's part of Σ cases·share with 90 % limits: MOVER on the log odds of the part."""
    sizes = [m * a / (a + b) for m, (a, b) in zip(cases, posteriors, strict=True)]
    spreads = [
        m * m * a * b / ((a + b) ** 2 * (a + b + 1))
        for m, (a, b) in zip(cases, posteriors, strict=True)
    ]
    found = []
    for place, (own, (a, b)) in enumerate(zip(sizes, posteriors, strict=True)):
        others = sum(sizes) - own
        if own == 0 or others == 0:
            found.append((own / sum(sizes),) * 3)
            continue
        rest = sum(spreads) - spreads[place]
        beyond = stats.norm.ppf(0.95) * math.sqrt(math.log1p(rest / others**2))
        mean, odds = a / (a + b), own / others
        tails = [math.log(stats.beta.ppf(tail, a, b) / mean) for tail in (0.05, 0.95)]
        low = odds * math.exp(-math.hypot(min(tails[0], 0), beyond))
        high = odds * math.exp(math.hypot(max(tails[1], 0), beyond))
        found.append((own / sum(sizes), low / (1 + low), high / (1 + high)))
    return found


def product(cases: int, one: tuple[float, float], two: tuple[float, float]) -> tuple[
    float, float, float
]:  # fmt: skip
    """cases × two beta means with 90 % limits on the log scale, never above the cases."""
    value, relative = float(cases), 0.0
    for a, b in (one, two):
        value *= a / (a + b)
        relative += stats.beta.var(a, b) / stats.beta.mean(a, b) ** 2
    step = stats.norm.ppf(0.95) * math.sqrt(relative)
    return value, value * math.exp(-step), min(value * math.exp(step), cases)


def plain_answers(value: float, low: float, high: float) -> Counted:
    """Hits and answers of a count with these limits: either solves (p − limit)² = z²·limit·(1 −
    limit)/n."""
    z2 = stats.norm.ppf(0.975) ** 2
    size = sum(z2 * end * (1 - end) / (value - end) ** 2 for end in (low, high)) / 2
    return value * size, size


def worth(value: float, low: float, high: float, n: int) -> int:
    """Whole answers of which a counted share would be as uncertain."""
    if not (0 < low < high < 1):
        return n
    return int(min(max(round(plain_answers(value, low, high)[1]), 1), n))


def judged(counts: Sequence[tuple[int, int]]) -> tuple[float, float, list[float]]:
    """Target, τ² and q of units (hits, n): exact mid-p; normal with τ² where they spread more."""
    target = sum(x for x, _ in counts) / sum(n for _, n in counts)
    spreads = [math.sqrt(target * (1 - target) / n) for _, n in counts]
    z = [(x / n - target) / spread for (x, n), spread in zip(counts, spreads, strict=True)]
    low, high = np.quantile(z, [0.1, 0.9])
    phi = float(np.mean([min(max(one, low), high) ** 2 for one in z]))
    weights = [spread**-2 for spread in spreads]
    room = sum(weights) - sum(w * w for w in weights) / sum(weights)
    tau2 = max(0.0, (len(z) * phi - (len(z) - 1)) / room) if len(z) > 1 else 0.0
    p = []
    for (x, n), spread in zip(counts, spreads, strict=True):
        if tau2:
            away = abs(x / n - target) / math.sqrt(spread**2 + tau2)
            p.append(2 * float(stats.norm.sf(away)))
        else:
            lower = stats.binom.cdf(x - 1, n, target) + stats.binom.pmf(x, n, target) / 2
            p.append(min(1.0, 2 * float(min(lower, 1 - lower))))
    return target, tau2, list(multipletests(p, method="fdr_bh")[1])


def intraclass(counts: Sequence[tuple[int, int]]) -> float | None:
    """From single answers of 0 and 1, by the analysis of variance with unequal groups."""
    groups = [[1.0] * x + [0.0] * (n - x) for x, n in counts if n]
    everything = [one for group in groups for one in group]
    if len(groups) < 2 or len(everything) <= len(groups):
        return None
    grand = sum(everything) / len(everything)
    means = [sum(group) / len(group) for group in groups]
    between = sum(
        len(group) * (mean - grand) ** 2 for group, mean in zip(groups, means, strict=True)
    ) / (len(groups) - 1)
    within = sum(
        (one - mean) ** 2 for group, mean in zip(groups, means, strict=True) for one in group
    ) / (len(everything) - len(groups))
    size = len(everything) - sum(len(group) ** 2 for group in groups) / len(everything)
    component = max(0.0, (between - within) / (size / (len(groups) - 1)))
    whole = component + within
    return component / whole if whole else None


def check_limits(found: Sequence[Any], target: float, tau2: float) -> None:
    """Each curve holds its part of a unit like all others: between two whole counts, or with τ²."""
    for one in found:
        for low, high, part in (
            (one.low_95, one.high_95, 0.95),
            (one.low_998, one.high_998, 0.998),
        ):
            if tau2:
                half = stats.norm.ppf((1 + part) / 2) * math.sqrt(
                    target * (1 - target) / one.n + tau2
                )
                assert math.isclose(low, max(target - half, 0), abs_tol=1e-9)
                assert math.isclose(high, min(target + half, 1), abs_tol=1e-9)
                continue
            # The upper limit is the lower one of the misses.
            for limit, share in ((low, target), (1 - high, 1 - target)):
                count = stats.binom.ppf((1 - part) / 2, one.n, share)
                beyond = stats.binom.cdf(count, one.n, share) - (1 - part) / 2
                between = count - beyond / stats.binom.pmf(count, one.n, share)
                assert math.isclose(limit, min(max(between / one.n, 0), 1), abs_tol=1e-6)


def comes_back(
    watched: Sequence[tuple[int, bool]], horizon: int = 90
) -> tuple[float, Limits] | None:
    """Chance to come within so many days, of (days, whether it happened then), by Kaplan and Meier
    with log(−log) limits; Wilson's of those at risk where nothing or everything happened."""
    if not any(days >= horizon for days, _ in watched):
        return None
    stays, variance = 1.0, 0.0
    for day in range(horizon + 1):
        at_risk = sum(days >= day for days, _ in watched)
        events = sum(days == day and came for days, came in watched)
        if events:
            stays *= 1 - events / at_risk
            variance += events / (at_risk * (at_risk - events)) if at_risk > events else math.inf
    if not 0 < stays < 1:
        at_risk = sum(days >= horizon for days, _ in watched)
        low, high = wilson(at_risk if stays else 0, at_risk)
        return 1 - stays, (1 - high, 1 - low)
    depth = -math.log(stays)
    step = stats.norm.ppf(0.975) * math.sqrt(variance) / depth
    return 1 - stays, (
        1 - math.exp(-depth * math.exp(-step)),
        1 - math.exp(-depth * math.exp(step)),
    )
