"""The computed truth is what very many drawn answers come to."""

import numpy as np
import pytest

from analytics.simulation import Expected, Flaw, Nature, World, draw, expected, world

#: Everything that bends a report, at once.
BENT = Nature(halo=0.5, softening=0.5, shared=0.0, angry_answer=0.4)
CASES, RATE = 400_000, 0.5


@pytest.fixture(scope="module")
def truth() -> World:
    return world(3, agents=9, causes=5, nature=BENT)


@pytest.fixture(scope="module")
def drawn(truth: World) -> dict[str, np.ndarray]:
    found = draw(truth, 3, CASES, 2000, RATE)
    both = (found.ratings["f1"] > 0) & (found.ratings["c1"] > 0)
    names = {"agent": found.agent, "cause": found.cause, **found.ratings}
    return {name: values[both] for name, values in names.items()}


def test_every_expected_figure_is_what_many_draws_come_to(
    truth: World, drawn: dict[str, np.ndarray]
) -> None:
    one: Expected = expected(truth, RATE)
    rated = np.where(drawn["f2"] > 0, drawn["f2"], drawn["f1"])
    satisfied, dismayed = drawn["f1"] >= 4, drawn["c1"] >= 4
    masked = satisfied & dismayed
    agents = [drawn["agent"] == k for k in range(9)]
    causes = [drawn["cause"] == k for k in range(5)]
    assert one.top2() == pytest.approx([(rated[who] >= 4).mean() for who in agents], abs=0.015)
    assert one.mean() == pytest.approx([rated[who].mean() for who in agents], abs=0.03)
    for share, what in zip(one.dismayed(), causes, strict=True):
        # Four standard errors, of a cause that few meet.
        assert share == pytest.approx(dismayed[what].mean(), abs=2 / what.sum() ** 0.5)
    assert one.masked()[0][-1] == pytest.approx(masked.mean(), abs=0.004)
    assert one.masked()[1][-1] == pytest.approx(masked.sum() / satisfied.sum(), abs=0.005)
    correlation = np.corrcoef(drawn["f1"], drawn["c1"])[0, 1]
    assert one.correlation()[-1] == pytest.approx(correlation, abs=0.01)


def test_expected_of_indifferent_customers_is_the_worlds_own_share() -> None:
    calm = world(4, agents=6, causes=4, nature=Nature(shared=0.0, softening=0.0))
    assert expected(calm).dismayed() == pytest.approx(calm.dismayed(), abs=1e-9)


def test_expected_refuses_cases_of_two_agents() -> None:
    with pytest.raises(ValueError, match="set shared to 0"):
        expected(world(1))


def test_a_flaw_doubles_the_dismayed_of_its_cause_from_its_day_on_and_nothing_else() -> None:
    truth = world(6, agents=8, causes=4, nature=Nature(shared=0.0, softening=0.0))
    cause = int(np.argmin(truth.anger))
    plain = draw(truth, 6, 100_000, 100, 1.0)
    flawed = draw(truth, 6, 100_000, 100, 1.0, Flaw(cause, 50))
    hit = (plain.cause == cause) & (plain.resolved >= 50 * 86_400) & (plain.ratings["c1"] > 0)
    before, after = ((one.ratings["c1"][hit] >= 4).mean() for one in (plain, flawed))
    assert after / before == pytest.approx(2, abs=0.1)
    elsewhere = ~((plain.cause == cause) & (plain.resolved >= 50 * 86_400))
    for name, values in plain.ratings.items():
        assert (values[elsewhere] == flawed.ratings[name][elsewhere]).all()
    assert (plain.csat[hit] >= 4).mean() > (flawed.csat[hit] >= 4).mean() + 0.1


def test_a_flaw_that_cannot_double_is_refused() -> None:
    truth = world(6, agents=8, causes=12)
    with pytest.raises(ValueError, match="cannot double"):
        draw(truth, 6, 10, 10, 1.0, Flaw(int(np.argmax(truth.anger)), 0))


def test_the_angry_answer_more_often_where_they_are_made_to() -> None:
    nature = Nature(angry_answer=0.5, shared=0.0)
    indifferent, angry = (
        draw(world(2, nature=one), 2, 50_000, 2000, 0.3) for one in (Nature(shared=0.0), nature)
    )
    shares = [
        (one.ratings["c1"][one.ratings["c1"] > 0] >= 4).mean() for one in (indifferent, angry)
    ]
    assert shares[1] > shares[0] + 0.1
