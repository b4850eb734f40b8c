"""The best cells of a grid: in every panel, the one that reaches the target first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.plots.request import PictureRequest


def best_cells(grid: Grid, rows: pd.DataFrame, request: PictureRequest) -> pd.DataFrame:
    """One row a panel: the axes' values where the median time over seeds is least.

    rows: a row a cell, as `results.frame` gives them. The spread over seeds (fastest, slowest and
    the fraction that reach the target) is given where the grid has a seed axis. A panel where no
    cell reaches the target has nulls.
    """
    panel = [request.facet] if request.facet else []
    axes = [name for name in grid.axes if name not in (*panel, "seed")]
    done = rows[rows["status"].isin(["reached", "not_reached", "diverged"])]
    if done.empty:
        raise UsageError(f"{grid.path}: nothing is computed yet; `sweep run {grid.path}` does")
    times = done["time_to_target"].astype(float).fillna(np.inf)
    cells = done.assign(time=times).groupby([*panel, *axes], sort=False, dropna=False)["time"]
    summary = cells.agg(
        time_to_target=lambda t: float(np.quantile(t, 0.5, method="higher")),
        fastest="min",
        slowest="max",
        reached=lambda t: float(np.isfinite(t).mean()),
    ).reset_index()
    groups = summary.groupby(panel, sort=False) if panel else [((), summary)]
    found = pd.DataFrame([_best_of(group, panel, axes) for _, group in groups])
    if "seed" not in grid.axes:
        found = found.drop(columns=["fastest", "slowest", "reached"])
    return found


def _best_of(group: pd.DataFrame, panel: list[str], axes: list[str]) -> pd.Series:
    best = group.iloc[int(group["time_to_target"].argmin())].astype(object)
    if not np.isfinite(best["time_to_target"]):
        best[[name for name in best.index if name not in panel]] = None
        best["reached"] = 0.0
    return best.reindex([*panel, *axes, "time_to_target", "fastest", "slowest", "reached"])
