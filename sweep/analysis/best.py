"""The best cells of a grid: in every panel, the one whose median over the seeds is fastest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.seeds import SEED, Rows, answered, extremes, fraction, is_answered, median
from sweep.models.status import FAILED, status_codes

OF_SEEDS = ["fastest", "slowest", "reached", "seeds"]


def best_cells(grid: Grid, rows: pd.DataFrame, tuned: Sequence[str]) -> pd.DataFrame:
    """One row a panel: where on the axes `tuned` the median time to the target is least.

    rows: a row a cell, as `known.frame` gives them. Every axis that is neither tuned nor the seed
    has a panel for each of its values, so that targets or windows do not compete. Of equal times
    the first in the grid's order counts. With a seed axis also: the times of the fastest and the
    slowest seed (infinite where one does not reach the target), the fraction that reach it, and
    the number of answered seeds.
    A panel where no median is finite has nulls, and the largest fraction of any of its cells.
    """
    done = rows[is_answered(rows["status"])]
    if done.empty:
        raise UsageError(f"{grid.place}: {_why_none(grid, rows)}")
    panel = [name for name in grid.axes if name not in (*tuned, SEED)]
    summary = _over_seeds(done, [*panel, *tuned])
    groups = summary.groupby(panel, sort=False, dropna=False) if panel else [((), summary)]
    found = pd.DataFrame([_best_of(group, panel) for _, group in groups], dtype=object)
    columns = [*panel, *tuned, "time_to_target"]
    return found[columns + OF_SEEDS if SEED in grid.axes else columns]


def _why_none(grid: Grid, rows: pd.DataFrame) -> str:
    """Why no cell has an answer."""
    failed = int((rows["status"] == FAILED.word).sum())
    if failed:
        return (
            f"all {failed:,} cells that are computed have failed; the results have their messages, "
            f"and `sweep run {grid.place} --retry-failed` runs them again"
        )
    return f"nothing is computed yet; `sweep run {grid.place}` does"


def _over_seeds(done: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """One row for every place on the named axes, in the order of the first rows."""
    places = done.groupby(names, sort=False, dropna=False)
    rows = Rows(
        place=places.ngroup().to_numpy().astype(np.int64),
        places=places.ngroups,
        status=status_codes(done["status"]),
        values=done["time_to_target"].to_numpy(dtype=np.float64),
    )
    fastest, slowest = extremes(rows, timed=True)
    return (
        places.head(1)[names]
        .reset_index(drop=True)
        .assign(
            time_to_target=median(rows, timed=True),
            fastest=fastest,
            slowest=slowest,
            reached=fraction(rows),
            seeds=answered(rows),
        )
    )


def tuned_axes(grid: Grid, drawn: Iterable[str | None]) -> list[str]:
    """The axes that are searched: those drawn, and those that advance together with one of them."""
    drawn = set(drawn)
    together = [set(group) for group in grid.zipped if drawn & set(group)]
    return [name for name in grid.axes if name in drawn.union(*together)]


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


def _best_of(group: pd.DataFrame, panel: list[str]) -> pd.Series:
    place = int(group["time_to_target"].argmin())
    best = group.iloc[[place]].astype(object).iloc[0]  # a row by itself has integers as floats
    if not np.isfinite(best["time_to_target"]):
        known = [*panel, "seeds", "reached"]
        best[[name for name in best.index if name not in known]] = None
        best["reached"] = group["reached"].max()
    return best
