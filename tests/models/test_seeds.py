from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.errors import UsageError
from sweep.models.status import DIVERGED, FAILED, MISSING, NOT_REACHED, REACHED
from sweep.plots.table import Table, tabulate
from tests.plots.rows import request, rows

Outcome = float | str | None


def summarised(outcomes: list[Outcome], statistic: str = "median") -> Table:
    """One place with a seed for each outcome."""
    axes = {"eta_w": [1.0], "eta_J": [1.0], "seed": list(range(len(outcomes)))}
    frame = rows(axes, lambda cell: outcomes[cell["seed"]])
    return tabulate(frame, request(axes, facet=None, statistic=statistic), "eta_J", None)


@pytest.mark.parametrize(
    ("outcomes", "median", "status"),
    [
        ([1.0, 3.0, 2.0], 2.0, REACHED),
        ([1.0, 4.0], 2.5, REACHED),
        ([1.0, "not_reached", 2.0], 2.0, REACHED),
        ([1.0, "not_reached", "diverged"], math.nan, NOT_REACHED),
        ([1.0, "not_reached"], math.nan, NOT_REACHED),
        (["diverged", "diverged", "not_reached"], math.nan, DIVERGED),
        (["failed", 3.0, 1.0, 2.0], 2.0, REACHED),
        (["failed", None], math.nan, FAILED),
        ([None, None], math.nan, MISSING),
        ([None, 2.0, None], 2.0, REACHED),
    ],
)
def test_the_median_takes_a_seed_that_falls_short_for_endless(
    outcomes: list[Outcome], median: float, status: int
) -> None:
    table = summarised(outcomes)
    np.testing.assert_equal(table.values.item(), median)
    assert table.status.item() == status


def test_the_fraction_counts_answered_seeds() -> None:
    assert summarised([1.0, "not_reached", "diverged", 2.0], "fraction").values.item() == 0.5
    assert summarised([1.0, "failed", None], "fraction").values.item() == 1.0


def test_a_place_that_no_seed_reaches_shows_its_status() -> None:
    table = summarised(["not_reached", "not_reached"], "fraction")
    assert np.isnan(table.values.item())
    assert table.status.item() == NOT_REACHED


def test_the_spread_is_a_ratio_of_the_seeds_that_reach() -> None:
    table = summarised([2.0, "not_reached", 6.0, 3.0], "spread")
    assert table.values.item() == 3.0
    assert table.ratio


def test_one_seed_has_no_spread() -> None:
    assert np.isnan(summarised([2.0, "not_reached"], "spread").values.item())


@pytest.mark.parametrize("statistic", ["spread", "fraction"])
def test_what_is_over_seeds_is_refused_where_there_are_none(statistic: str) -> None:
    with pytest.raises(UsageError, match=rf"statistic: found {statistic}, which needs several see"):
        summarised([2.0], statistic)


def test_a_partly_computed_place_is_known_as_such() -> None:
    assert summarised([1.0, None]).incomplete
    assert not summarised([1.0, "failed"]).incomplete
    assert not summarised([None, None]).incomplete


def test_the_median_of_another_column_leaves_diverged_seeds_out() -> None:
    axes = {"eta_w": [1.0], "eta_J": [1.0], "seed": [0, 1, 2]}
    frame = rows(
        axes,
        lambda cell: "diverged" if cell["seed"] == 0 else "not_reached",
        error_final=lambda cell: [9.0, 1.0, 2.0][cell["seed"]],
    )
    table = tabulate(frame, request(axes, facet=None, value="error_final"), "eta_J", None)
    assert table.values.item() == 1.5


def test_many_places_agree_with_numpy() -> None:
    rng = np.random.default_rng(3)
    times = rng.uniform(1, 9, (6, 5, 7))
    times[rng.random(times.shape) < 0.3] = np.inf
    axes = {
        "eta_w": [float(i) for i in range(1, 7)],
        "eta_J": [float(i) for i in range(1, 6)],
        "seed": list(range(7)),
    }

    def outcome(cell: dict[str, float]) -> Outcome:
        time = times[int(cell["eta_w"]) - 1, int(cell["eta_J"]) - 1, int(cell["seed"])]
        return float(time) if np.isfinite(time) else "not_reached"

    frame = rows(axes, outcome).sample(frac=1, random_state=0)  # in any order
    table = tabulate(frame, request(axes, facet=None), "eta_J", None)
    expected = np.median(times, axis=2).T
    np.testing.assert_array_equal(table.values[0], np.where(np.isinf(expected), np.nan, expected))


def test_the_median_of_categories_is_one_of_them() -> None:
    axes = {"eta_w": [1.0], "eta_J": [1.0], "seed": [0, 1]}
    frame = rows(axes, lambda _: 1.0, learned_units=lambda cell: 2 + cell["seed"])
    table = tabulate(frame, request(axes, facet=None, value="learned_units"), "eta_J", None)
    assert table.categories[int(table.values.item())] == "2"


def test_words_have_no_median() -> None:
    axes = {"eta_w": [1.0], "eta_J": [1.0], "seed": [0, 1]}
    frame = rows(axes, lambda _: 1.0, phase=lambda cell: "ab"[cell["seed"]])
    with pytest.raises(UsageError, match="phase holds words"):
        tabulate(frame, request(axes, facet=None, value="phase"), "eta_J", None)


def test_a_place_that_one_seed_reaches_is_none_that_falls_short() -> None:
    table = summarised([2.0, "not_reached", "not_reached"], "spread")
    assert np.isnan(table.values.item())
    assert table.status.item() == REACHED
    assert table.bare == "one seed alone"
    assert summarised(["not_reached", "not_reached"], "spread").status.item() == NOT_REACHED


@pytest.mark.parametrize(
    ("outcomes", "mean", "status"),
    [
        ([1.0, 3.0, 5.0], 3.0, REACHED),
        ([1.0, 3.0, "not_reached"], math.nan, NOT_REACHED),
        ([1.0, "failed", None], 1.0, REACHED),
        (["diverged", "diverged"], math.nan, DIVERGED),
    ],
)
def test_the_mean_is_endless_with_one_of_its_seeds(
    outcomes: list[Outcome], mean: float, status: int
) -> None:
    table = summarised(outcomes, "mean")
    np.testing.assert_equal(table.values.item(), mean)
    assert table.status.item() == status
