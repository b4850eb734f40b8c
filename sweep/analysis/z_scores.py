"""Where theory and simulation agree within the statistical error, and where not.

A cell is judged by what it answers:

- by the time to the target, where every run reaches it and so does theory;
- by the error at the end, where no run reaches it and neither does theory;
- by nothing where they end differently. Beside the edge of a region it is luck which runs reach
  the target, and the times of those that do are no fair sample.

From the differences d between n runs and their theory comes Student's t = mean(d) √n / sd(d), and
from that z, the standard normal number that is as unlikely as t is with n - 1 degrees of freedom.
If theory has the mean and the runs scatter normally, one cell in twenty lies beyond ±1.96 by
chance. All cells draw the same random numbers from a seed, so that neighbours err together: that
leaves the one in twenty as it is on average, but not how many lie beyond in one grid.

What lies beyond chance is what theory leaves out: corrections of the order 1/N, and that noise lets
a moving average meet the target before the mean does, the earlier the flatter the error falls and
the shorter the window.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr

from sweep.models.base import Floats

WITHIN = 1.96
"""Up to this |z| theory and simulation agree; by chance one cell in twenty lies beyond."""

TIME, ERROR = "time_to_target", "error_final"
ANSWERS = ("status", TIME, ERROR)

JUDGED_BY = {"reached": TIME, "not_reached": ERROR}
"""What cells are judged by whose runs, and whose theory, have all ended in this way."""

AGREES, DIFFERS = "agrees", "differs"
OTHER_END, DIVERGED, NO_SCATTER, MISSING = "ends differ", "diverged", "no scatter", "missing"
VERDICTS = {
    AGREES: f"agree, |z| ≤ {WITHIN}",
    DIFFERS: f"differ, |z| > {WITHIN}",
    OTHER_END: "end differently, some runs or all",
    DIVERGED: "diverge in both",
    NO_SCATTER: "have no statistical error: one run, or all alike",
    MISSING: "are not computed",
}


@dataclass(frozen=True)
class Summary:
    """What the cells come to together.

    counts: cells by verdict, in the order of VERDICTS. judged: how many have a z. rms_z: 1 by
    chance. largest_z: the |z| of the cell `at`; by_chance: its median, were all of it chance and
    the cells independent, and so at most that. relative: the median over the judged cells of
    |simulation / theory - 1|.
    """

    counts: dict[str, int]
    judged: int
    rms_z: float
    largest_z: float
    by_chance: float
    at: dict[str, object]
    relative: float


def judge(pairs: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """One row a cell: its place on the axes (the seed's excepted), both answers, z and a verdict.

    pairs: a row for each run, with ANSWERS and the same of theory, named …_theory. simulation and
    theory are means over the runs; se is the standard error of their difference.
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

    NaN where they do not scatter: for fewer than two, and where the times are below what a moving
    average resolves, so that all runs meet the target in their first window.
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
    )


def _judged(runs: pd.DataFrame) -> dict[str, object]:
    known = runs[_answered(runs["status"]) & _answered(runs["status_theory"])]
    ends = {*known["status"], *known["status_theory"]}
    end = ends.pop() if len(ends) == 1 else None
    quantity = JUDGED_BY.get(str(end))
    simulated, theory = (
        known[name].to_numpy(dtype=np.float64) if quantity else np.empty(0)
        for name in (quantity, f"{quantity}_theory")
    )
    z = z_score(simulated - theory)
    mean, expected = _mean(simulated), _mean(theory)
    return {
        "runs": len(known),
        "reached": int((known["status"] == "reached").sum()),
        "reached_theory": int((known["status_theory"] == "reached").sum()),
        "judged_by": quantity,
        "simulation": mean,
        "theory": expected,
        "se": standard_error(simulated - theory),
        "relative": mean / expected - 1 if expected else math.nan,
        "z": z,
        "verdict": _verdict(len(known), end, z),
    }


def _answered(status: pd.Series[str]) -> pd.Series[bool]:
    return status.isin(["reached", "not_reached", "diverged"])


def _verdict(runs: int, end: str | None, z: float) -> str:
    if runs == 0:
        return MISSING
    if end is None:
        return OTHER_END
    if end not in JUDGED_BY:
        return DIVERGED
    if math.isnan(z):
        return NO_SCATTER
    return AGREES if abs(z) <= WITHIN else DIFFERS


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else math.nan
