"""The best cells of a grid: in every panel, the one whose median over the seeds is least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.problems import unknown
from sweep.models.seeds import SEED, Rows, answered, extremes, fraction, is_answered, median
from sweep.models.status import DIVERGED, FAILED, status_codes

TIME = "time_to_target"
TARGET = "target_error"


def best_cells(
    grid: Grid, rows: pd.DataFrame, tuned: Sequence[str], value: str = TIME, largest: bool = False
) -> pd.DataFrame:
    """One row a panel: where on the axes `tuned` the median of a column of numbers is least.

    rows: a row a cell, as `known.frame` gives them. Every axis that is neither tuned nor the seed
    has a panel for each of its values, so that targets or windows do not compete. Of equal values
    the first in the grid's order counts. largest: the largest is the best. A cell that diverges is
    the worst; so is, by the time, one that does not reach its target.

    With a seed axis also: the values of the best and the worst seed (infinite, as the time where
    one does not reach the target), the fraction that reach it, and the number of answered seeds.
    A panel where no median is finite has nulls, and the largest fraction of any of its cells.
    Raises UsageError where there is nothing to choose from.
    """
    _refuse_no_number(grid, rows, value)
    done = rows[is_answered(rows["status"])]
    if done.empty:
        raise UsageError(f"{grid.place}: {_why_none(grid, rows)}")
    panel = [name for name in grid.axes if name not in (*tuned, SEED)]
    summary = _over_seeds(done, [*panel, *tuned], value, largest)
    groups = summary.groupby(panel, sort=False, dropna=False) if panel else [((), summary)]
    chosen = [_best_of(group, panel, value, largest) for _, group in groups]
    found = pd.DataFrame(chosen, dtype=object)
    columns = [*panel, *tuned, value]
    return found[columns + of_seeds(value) if SEED in grid.axes else columns]


def of_seeds(value: str) -> list[str]:
    """The columns that there are where a cell has several seeds."""
    ends = ["fastest", "slowest"] if value == TIME else ["best", "worst"]
    return [*ends, "reached", "seeds"]


def _why_none(grid: Grid, rows: pd.DataFrame) -> str:
    """Why no cell has an answer."""
    failed = int((rows["status"] == FAILED.word).sum())
    if failed:
        return (
            f"all {failed:,} cells that are computed have failed; `sweep status {grid.place} "
            f"--failed` says why, and `sweep run {grid.place} --retry-failed` runs them again"
        )
    return f"all {len(rows):,} cells are missing; `sweep run {grid.place}` computes them"


def _over_seeds(done: pd.DataFrame, names: list[str], value: str, largest: bool) -> pd.DataFrame:
    """One row for every place on the named axes, in the order of the first rows."""
    places = done.groupby(names, sort=False, dropna=False)
    status = status_codes(done["status"])
    values = done[value].to_numpy(dtype=np.float64, copy=True)
    if value != TIME:
        values[status == DIVERGED] = -np.inf if largest else np.inf
    rows = Rows(places.ngroup().to_numpy().astype(np.int64), places.ngroups, status, values)
    least, most = extremes(rows, timed=value == TIME)
    ends = (most, least) if largest and value != TIME else (least, most)
    columns = {
        value: median(rows, timed=value == TIME),
        **dict(zip(of_seeds(value), ends, strict=False)),
        "reached": fraction(rows),
        "seeds": answered(rows),
    }
    return places.head(1)[names].reset_index(drop=True).assign(**columns)


def _refuse_no_number(grid: Grid, rows: pd.DataFrame, value: str) -> None:
    if any(value == parameter.name for parameter in grid.model.parameters):
        raise UsageError(f"--value: {value} is given, not found; choose a column of the answers")
    if rows[value].dtype.kind not in "iufb":
        raise UsageError(f"--value: {value} holds no numbers, of which one is the best")


def tuned_axes(grid: Grid, drawn: Iterable[str | None], named: Sequence[str] = ()) -> list[str]:
    """The axes that are searched, with those that advance together with one of them.

    They are those that are named, or else those drawn. What is no choice of the learner's, so the
    target, the window and the seed, has to be named. Raises UsageError where none is left.
    """
    for name in named:
        if name not in grid.axes:
            raise UsageError(f"--over: {unknown(name, 'axis', grid.axes)}")
    questions = (TARGET, SEED, grid.model.window)
    chosen = {*named} or {name for name in drawn if name not in (*questions, None)}
    if not chosen:
        raise UsageError(
            f"{grid.place}: the picture has no axis on which to look for the best; name some with "
            f"--over, of {', '.join(grid.axes)}"
        )
    together = [set(group) for group in grid.zipped if chosen & set(group)]
    return [name for name in grid.axes if name in chosen.union(*together)]


def at_the_edge(grid: Grid, found: pd.DataFrame, tuned: Sequence[str]) -> list[str]:
    """The axes of numbers at whose end a best cell lies, beyond which there may be a better one."""
    edges = []
    for name in tuned:
        values = grid.axes[name].values
        if len(values) > 2 and all(isinstance(value, int | float) for value in values):
            ends = {min(values), max(values)}
            if found[name].isin(ends).any():
                edges.append(name)
    return edges


def _best_of(group: pd.DataFrame, panel: list[str], value: str, largest: bool) -> pd.Series:
    medians = group[value].to_numpy(dtype=np.float64)
    worst = -np.inf if largest else np.inf
    medians = np.where(np.isfinite(medians), medians, worst)
    place = int(medians.argmax() if largest else medians.argmin())
    best = group.iloc[[place]].astype(object).iloc[0]  # a row by itself has integers as floats
    if not np.isfinite(medians[place]):
        known = [*panel, "seeds", "reached"]
        best[[name for name in best.index if name not in known]] = None
        best["reached"] = group["reached"].max()
    return best
