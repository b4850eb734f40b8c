"""Where theory and simulation agree within the statistical error, and where not.

Both are set side by side in one window of tasks, the same for all runs that have one theory: the
first window over which theory's error averages to the target, or the last one of the cell where
none does. A run's error there is the mean of its test errors in this window, theory's the mean of ε
at the same tasks. Which window it is, is no matter of chance: no run chooses it, and every run has
an error there, whether it reaches the target or not.

Times to the target are not judged, only told. A run's is the first passage of a noisy average,
which meets the target before the mean does, the earlier the flatter the error falls and the shorter
the window: where theory settles near the target, earlier by half. And beside the edge of the
reached region it is luck which runs have a time at all.

From the differences d between n runs and their theory comes Student's t = mean(d) √n / sd(d), and
from that z, the standard normal number that is as unlikely as t is with n - 1 degrees of freedom.
If theory has the mean and the runs scatter normally, one cell in twenty lies beyond ±1.96 by
chance. All cells draw the same random numbers from a seed, so that neighbours err together: that
leaves the one in twenty as it is on average, but not how many lie beyond in one grid.

What lies beyond chance is what theory leaves out: corrections of the order 1/N, among them that
runs leave a plateau at different times, so that the mean of their errors is not the error of their
mean; and those of the order 1/P² in the diffusion.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr

from sweep.models.seeds import is_answered
from sweep.models.status import Status
from sweep.ode.arrays import Floats

WITHIN = 1.96
"""Up to this |z| theory and simulation agree; by chance one cell in twenty lies beyond."""

TIME, ERROR = "time_to_target", "error_final"
ANSWERS = ("status", TIME, ERROR)

WINDOW_STATUS, WINDOW_ERROR, WINDOW_TIME = "window_status", "window_error", "window_time"
"""Columns of a run: how it came to the end of the window in which it is judged, the mean of the
errors there, and the middle of the window in α."""

AT_TARGET, AT_END, AT_BOTH = "target", "end", "both"
"""In which window a cell is judged: where theory meets the target, in the last one, or (where the
starts differ, and so theory) some runs here and some there."""

AGREES, DIFFERS = "agrees", "differs"
SOME_DIVERGE, DIVERGED, NO_SCATTER, MISSING = "some diverge", "diverged", "no scatter", "missing"
VERDICTS = {
    AGREES: f"agree, |z| ≤ {WITHIN}",
    DIFFERS: f"differ, |z| > {WITHIN}",
    SOME_DIVERGE: "diverge, but not in all runs and in theory",
    DIVERGED: "diverge in both",
    NO_SCATTER: "have no statistical error: one run, or all alike",
    MISSING: "are missing",
}


@dataclass(frozen=True)
class Summary:
    """What the cells come to together.

    counts: cells by verdict, in the order of VERDICTS. judged: how many have a z. rms_z: 1 by
    chance. largest_z: the |z| of the cell `at`; by_chance: its median, were all of it chance and
    the cells independent, and so at most that. relative: the median over the judged cells of
    |simulation / theory - 1|. time: the median of (simulation / theory - 1) of the times to the
    target, over the cells where theory and all runs reach it.
    """

    counts: dict[str, int]
    judged: int
    rms_z: float
    largest_z: float
    by_chance: float
    at: dict[str, object]
    relative: float
    time: float


def judge(pairs: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """One row a cell: its place on the axes (the seed's excepted), both answers, z and a verdict.

    pairs: a row for each run, with `status`, `time_to_target` and `window_error`, the same of
    theory, named …_theory, `window_status` and `window_time`. simulation and theory are the mean
    errors over the runs; se is the standard error of their difference.
    """
    names = [name for name in axes if name != "seed"]
    if not names:
        return pd.DataFrame([_judged(pairs)])
    groups = pairs.groupby(names, sort=False, dropna=False)
    return pd.DataFrame(
        [dict(zip(names, place, strict=True)) | _judged(runs) for place, runs in groups]
    )


def z_score(differences: Floats) -> float:
    """How far their mean is from zero: normally distributed, if they are, about zero.

    NaN where they do not scatter, and for fewer than two.
    """
    n, error = len(differences), standard_error(differences)
    if not error > 0:
        return math.nan
    t = float(differences.mean()) / error
    return math.copysign(-float(ndtri(stdtr(n - 1, -abs(t)))), t)


def standard_error(values: Floats) -> float:
    """Of the mean; NaN for fewer than two."""
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan


def largest_by_chance(count: int) -> float:
    """The median of the largest |z| of so many cells, were theory right in all of them."""
    return float(ndtri((1 + 0.5 ** (1 / count)) / 2)) if count else math.nan


def summarize(cells: pd.DataFrame, axes: Sequence[str]) -> Summary:
    """Sum up the rows of `judge`."""
    verdicts = Counter(cells["verdict"])
    judged = cells[cells["verdict"].isin([AGREES, DIFFERS])]
    size = judged["z"].abs().to_numpy(dtype=np.float64)
    worst = judged.iloc[int(size.argmax())] if len(judged) else None
    places = [name for name in axes if name != "seed"]
    return Summary(
        counts={verdict: verdicts[verdict] for verdict in VERDICTS if verdicts[verdict]},
        judged=len(judged),
        rms_z=float(np.sqrt(np.mean(size**2))) if len(judged) else math.nan,
        largest_z=float(size.max(initial=0.0)) if len(judged) else math.nan,
        by_chance=largest_by_chance(len(judged)),
        at={} if worst is None else {name: worst[name] for name in places},
        relative=float(judged["relative"].abs().median()),
        time=float((cells[TIME] / cells[f"{TIME}_theory"] - 1).median()),
    )


def _judged(runs: pd.DataFrame) -> dict[str, object]:
    known = runs[is_answered(runs[WINDOW_STATUS]) & is_answered(runs["status_theory"])]
    diverged = np.array(
        [known[name] == Status.DIVERGED.word for name in (WINDOW_STATUS, "status_theory")]
    )
    reached, reached_theory = (
        known[name] == Status.REACHED.word for name in ("status", "status_theory")
    )
    comparable = len(known) and not diverged.any()
    simulated, theory = (
        known[name].to_numpy(dtype=np.float64) if comparable else np.empty(0)
        for name in (WINDOW_ERROR, f"{WINDOW_ERROR}_theory")
    )
    timed = comparable and bool(reached.all() and reached_theory.all())
    z = z_score(simulated - theory)
    mean, expected = _mean(simulated), _mean(theory)
    return {
        "runs": len(known),
        "reached": int(reached.sum()),
        "reached_theory": int(reached_theory.sum()),
        TIME: float(known[TIME].mean()) if timed else math.nan,
        f"{TIME}_theory": float(known[f"{TIME}_theory"].mean()) if timed else math.nan,
        "judged_at": _place(reached_theory) if comparable else None,
        "alpha": float(known[WINDOW_TIME].mean()) if comparable else math.nan,
        "simulation": mean,
        "theory": expected,
        "se": standard_error(simulated - theory),
        "relative": mean / expected - 1 if expected else math.nan,
        "z": z,
        "verdict": _verdict(diverged, z),
    }


def _place(reached_theory: pd.Series[bool]) -> str:
    if reached_theory.all():
        return AT_TARGET
    return AT_BOTH if reached_theory.any() else AT_END


def _verdict(diverged: NDArray[np.bool_], z: float) -> str:
    """diverged: of simulation and theory, of every run."""
    if diverged.size == 0:
        return MISSING
    if diverged.any():
        return DIVERGED if diverged.all() else SOME_DIVERGE
    if math.isnan(z):
        return NO_SCATTER
    return AGREES if abs(z) <= WITHIN else DIFFERS


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else math.nan
