"""The statistics: z against Student's own test, and the verdicts on made-up runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sweep.analysis.z_scores import (
    AGREES,
    AT_BOTH,
    AT_END,
    AT_TARGET,
    DIFFERS,
    DIVERGED,
    MISSING,
    NO_SCATTER,
    SOME_DIVERGE,
    TIME,
    WINDOW_ERROR,
    WINDOW_STATUS,
    WINDOW_TIME,
    WITHIN,
    judge,
    largest_by_chance,
    summarize,
    z_score,
)

Answers = list[float | str | None]
"""Of every run: a time, or a status without one."""


def runs(
    simulation: Answers, theory: Answers, errors: list[float], eta_w: float = 1.0
) -> pd.DataFrame:
    """The runs of a cell; errors: how far they are from theory's in the window, 1/8, 2/8, …"""
    columns: dict[str, Any] = {"eta_w": eta_w, "seed": range(len(simulation))}
    for suffix, answers in (("", simulation), ("_theory", theory)):
        timed = [isinstance(answer, float) for answer in answers]
        columns[f"status{suffix}"] = [
            "reached" if t else a for t, a in zip(timed, answers, strict=True)
        ]
        columns[TIME + suffix] = [a if t else math.nan for t, a in zip(timed, answers, strict=True)]
    expected = 0.125 * np.arange(1, len(errors) + 1)
    columns[f"{WINDOW_ERROR}_theory"] = expected
    columns[WINDOW_ERROR] = expected + errors
    columns[WINDOW_STATUS] = columns["status"]
    columns[WINDOW_TIME] = 4.0
    return pd.DataFrame(columns)


def judged(*cells: pd.DataFrame) -> pd.DataFrame:
    return judge(pd.concat(cells), ["eta_w", "seed"])


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_z_is_as_unlikely_as_student_has_it(n: int) -> None:
    d = np.random.default_rng(n).normal(0.7, 1.0, n)
    expected = stats.ttest_1samp(d, 0.0)
    z = z_score(d)
    assert 2 * stats.norm.sf(abs(z)) == pytest.approx(expected.pvalue, rel=1e-9)
    assert np.sign(z) == np.sign(expected.statistic)
    assert z_score(-d) == -z


def test_one_cell_in_twenty_differs_by_chance() -> None:
    """Of 4000 cells of 5 runs about a right theory; ± 0.014 is 4 standard deviations."""
    d = np.random.default_rng(0).standard_normal((4000, 5))
    z = np.array([z_score(row) for row in d])
    assert np.mean(np.abs(z) > WITHIN) == pytest.approx(0.05, abs=0.014)
    assert np.sqrt(np.mean(z**2)) == pytest.approx(1.0, abs=0.05)


def test_z_of_too_few_and_of_equal_differences() -> None:
    assert math.isnan(z_score(np.array([1.0])))
    assert math.isnan(z_score(np.full(3, -0.5)))


def test_the_largest_by_chance_is_the_median_of_the_largest() -> None:
    draws = np.abs(np.random.default_rng(0).standard_normal((20000, 40))).max(axis=1)
    assert largest_by_chance(40) == pytest.approx(np.median(draws), abs=0.02)


NEAR, FAR, ALIKE = [0.001, -0.001, 0.0005], [0.011, 0.009, 0.01], [0.5, 0.5, 0.5]
REACHED: Answers = [5.0, 5.0, 5.0]
NEVER: Answers = ["not_reached"] * 3


def test_runs_are_compared_with_the_theory_of_their_own_start() -> None:
    """The starts differ by far more than the runs from theory."""
    times = runs([10.1, 20.3, 30.2], [10.0, 20.0, 30.0], [0.01, 0.03, 0.02])
    (row,) = judged(times).to_dict("records")
    assert row["se"] == pytest.approx(np.std([0.01, 0.03, 0.02], ddof=1) / math.sqrt(3))
    assert row["z"] == pytest.approx(z_score(np.array([0.01, 0.03, 0.02])))
    assert (row["simulation"], row["theory"]) == pytest.approx((0.27, 0.25))
    assert row["relative"] == pytest.approx(0.08)
    assert (row[TIME], row[f"{TIME}_theory"], row["alpha"]) == pytest.approx((20.2, 20.0, 4.0))
    assert (row["runs"], row["reached"], row["reached_theory"]) == (3, 3, 3)


@pytest.mark.parametrize(
    ("simulation", "theory", "errors", "at", "verdict"),
    [
        (REACHED, REACHED, NEAR, AT_TARGET, AGREES),
        (REACHED, REACHED, FAR, AT_TARGET, DIFFERS),
        (NEVER, NEVER, NEAR, AT_END, AGREES),
        (REACHED, NEVER, NEAR, AT_END, AGREES),
        ([5.1, 4.9, "not_reached"], REACHED, NEAR, AT_TARGET, AGREES),
        (REACHED, [5.0, 5.0, "not_reached"], FAR, AT_BOTH, DIFFERS),
        (["diverged"] * 3, ["diverged"] * 3, NEAR, None, DIVERGED),
        (["diverged", 5.0, 5.0], REACHED, NEAR, None, SOME_DIVERGE),
        (REACHED, ["diverged"] * 3, NEAR, None, SOME_DIVERGE),
        ([5.1, None, None], REACHED, NEAR, AT_TARGET, NO_SCATTER),
        (REACHED, REACHED, ALIKE, AT_TARGET, NO_SCATTER),
        (["failed"] * 3, REACHED, NEAR, None, MISSING),
        (REACHED, ["failed"] * 3, NEAR, None, MISSING),
        ([None] * 3, REACHED, NEAR, None, MISSING),
    ],
)
def test_verdicts(
    simulation: Answers, theory: Answers, errors: list[float], at: str | None, verdict: str
) -> None:
    (row,) = judged(runs(simulation, theory, errors)).to_dict("records")
    assert (row["judged_at"], row["verdict"]) == (at, verdict)
    assert math.isnan(row["z"]) == (verdict not in (AGREES, DIFFERS))


def test_times_are_told_where_all_have_one_and_never_judged() -> None:
    """Far too early, all of them; and where a run has none, the others are no fair sample."""
    early = runs([2.5, 2.4, 2.6], REACHED, NEAR)
    some = runs([2.5, 2.4, "not_reached"], REACHED, NEAR, 2.0)
    cells = judged(early, some)
    assert list(cells["verdict"]) == [AGREES, AGREES]
    np.testing.assert_allclose(cells[TIME], [2.5, math.nan])
    assert summarize(cells, ["eta_w", "seed"]).time == pytest.approx(-0.5)


def test_a_grid_without_axes_is_one_cell() -> None:
    cells = judge(runs(REACHED, REACHED, NEAR), ["seed"])
    assert list(cells["verdict"]) == [AGREES]


def test_the_summary_counts_and_names_the_worst() -> None:
    cells = judged(
        runs(REACHED, REACHED, NEAR, 1.0),
        runs(REACHED, REACHED, FAR, 2.0),
        runs(["diverged"] * 3, REACHED, NEAR, 3.0),
    )
    summary = summarize(cells, ["eta_w", "seed"])
    assert summary.counts == {AGREES: 1, DIFFERS: 1, SOME_DIVERGE: 1}
    assert (summary.judged, summary.at) == (2, {"eta_w": 2.0})
    assert summary.largest_z == cells["z"].abs().max()
    assert summary.rms_z == pytest.approx(math.sqrt((cells["z"][:2] ** 2).mean()))
    assert summary.relative == pytest.approx((0.04 + 0.0005 / 0.75) / 2)


def test_a_summary_of_nothing_judged() -> None:
    cells = judged(runs(["diverged"] * 3, REACHED, NEAR))
    summary = summarize(cells, ["eta_w", "seed"])
    assert (summary.counts, summary.judged, summary.at) == ({SOME_DIVERGE: 1}, 0, {})
    assert math.isnan(summary.largest_z)
    assert math.isnan(summary.relative)
    assert math.isnan(summary.time)
