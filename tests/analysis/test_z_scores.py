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
    DIFFERS,
    DIVERGED,
    ERROR,
    MISSING,
    NO_SCATTER,
    OTHER_END,
    TIME,
    WITHIN,
    judge,
    largest_by_chance,
    summarize,
    z_score,
)


def runs(
    simulation: list[float | str | None], theory: list[float | str | None], eta_w: float = 1.0
) -> pd.DataFrame:
    """The runs of a cell: a time, or a status without one; two statuses have errors as well."""
    columns: dict[str, Any] = {"eta_w": eta_w, "seed": range(len(simulation))}
    for suffix, answers in (("", simulation), ("_theory", theory)):
        timed = [isinstance(answer, float) for answer in answers]
        columns[f"status{suffix}"] = [
            "reached" if t else a for t, a in zip(timed, answers, strict=True)
        ]
        columns[TIME + suffix] = [a if t else math.nan for t, a in zip(timed, answers, strict=True)]
        wobble = 0.0 if suffix else 0.001
        columns[ERROR + suffix] = [0.1 + 0.01 * i + wobble * (i - 1) for i in range(len(answers))]
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


def test_runs_are_compared_with_the_theory_of_their_own_start() -> None:
    """The starts differ by far more than the runs from theory."""
    (row,) = judged(runs([10.1, 20.3, 30.2], [10.0, 20.0, 30.0])).to_dict("records")
    assert row["se"] == pytest.approx(np.std([0.1, 0.3, 0.2], ddof=1) / math.sqrt(3))
    assert row["z"] == pytest.approx(z_score(np.array([0.1, 0.3, 0.2])))
    assert (row["simulation"], row["theory"]) == pytest.approx((20.2, 20.0))
    assert row["relative"] == pytest.approx(0.01)
    assert (row["runs"], row["reached"], row["reached_theory"]) == (3, 3, 3)


REACHED: list[float | str | None] = [5.0, 5.0, 5.0]
NEVER: list[float | str | None] = ["not_reached"] * 3


@pytest.mark.parametrize(
    ("simulation", "theory", "by", "verdict"),
    [
        ([5.1, 4.9, 5.05], REACHED, TIME, AGREES),
        ([6.1, 5.9, 6.0], REACHED, TIME, DIFFERS),
        (NEVER, NEVER, ERROR, AGREES),
        (REACHED, NEVER, None, OTHER_END),
        ([5.1, 4.9, "not_reached"], REACHED, None, OTHER_END),
        (["diverged"] * 3, ["diverged"] * 3, None, DIVERGED),
        ([5.1, None, None], REACHED, TIME, NO_SCATTER),
        ([5.5, 5.5, 5.5], REACHED, TIME, NO_SCATTER),
        (["failed"] * 3, REACHED, None, MISSING),
        ([None] * 3, REACHED, None, MISSING),
    ],
)
def test_verdicts(
    simulation: list[float | str | None],
    theory: list[float | str | None],
    by: str | None,
    verdict: str,
) -> None:
    (row,) = judged(runs(simulation, theory)).to_dict("records")
    assert (row["judged_by"], row["verdict"]) == (by, verdict)
    assert math.isnan(row["z"]) == (verdict not in (AGREES, DIFFERS))


def test_a_grid_without_axes_is_one_cell() -> None:
    cells = judge(runs([5.1, 4.9, 5.05], REACHED), ["seed"])
    assert list(cells["verdict"]) == [AGREES]


def test_the_summary_counts_and_names_the_worst() -> None:
    cells = judged(
        runs([5.1, 4.9, 5.05], REACHED, 1.0),
        runs([6.1, 5.9, 6.0], REACHED, 2.0),
        runs(NEVER, REACHED, 3.0),
    )
    summary = summarize(cells, ["eta_w", "seed"])
    assert summary.counts == {AGREES: 1, DIFFERS: 1, OTHER_END: 1}
    assert (summary.judged, summary.at) == (2, {"eta_w": 2.0})
    assert summary.largest_z == cells["z"].abs().max()
    assert summary.rms_z == pytest.approx(math.sqrt((cells["z"][:2] ** 2).mean()))
    assert summary.relative == pytest.approx((0.2 + 0.05 / 15) / 2)


def test_a_summary_of_nothing_judged() -> None:
    summary = summarize(judged(runs(NEVER, REACHED)), ["eta_w", "seed"])
    assert (summary.counts, summary.judged, summary.at) == ({OTHER_END: 1}, 0, {})
    assert math.isnan(summary.largest_z)
    assert math.isnan(summary.relative)
