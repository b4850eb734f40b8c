"""The window in which a run is judged, and what the run and theory come to there.

It is fixed by theory alone: the first window whose average of theory's error meets the target, or
the last one of the cell where none does. Few runs end there. The others are simulated again up to
its end, from the same seed and so along the same trajectory; these rows are kept as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from sweep.analysis.z_scores import (
    ANSWERS,
    ERROR,
    TIME,
    WINDOW_ERROR,
    WINDOW_STATUS,
    WINDOW_TIME,
)
from sweep.errors import Warn
from sweep.grid import Grid
from sweep.grid.listed import ListedGrid, listed
from sweep.models.cells import Cells, group_by
from sweep.models.fo_anil.simulation.cell import window_of
from sweep.models.fo_anil.simulation.theory import Averaged, averaged
from sweep.models.parameters import Value, number
from sweep.models.seeds import is_answered
from sweep.models.status import DIVERGED, FAILED, NOT_REACHED, REACHED, status_words
from sweep.ode.arrays import Index
from sweep.store.folder import Folder
from sweep.store.known import frame

END = "window_end"
"""The last task of the window, as a column."""


@dataclass(frozen=True)
class Followed:
    """The cells that follow runs to the end of their windows.

    place: for every run its position among them, or -1 where it ends there of itself, or does not
    get there.
    """

    grid: ListedGrid
    place: Index


def beside_theory(
    simulated: Grid, ideal: Grid, results: Path, jobs: int, warn: Warn
) -> pd.DataFrame:
    """A row for every run with ANSWERS, and beside them those of theory, named …_theory.

    Theory's are through the window of the run, and so is its error there (`window_error_theory`).
    """
    rows, theory = (
        frame(grid, Folder(results, grid.name), warn, columns)
        for grid, columns in ((simulated, (*ANSWERS, "time_final")), (ideal, ("status", TIME)))
    )
    runs = paired(rows, theory, list(ideal.axes), ("status", TIME))
    cells = simulated.cells()
    names = [name for name in cells.codes if name != "seed" or name in ideal.axes]
    label, first = group_by([cells.codes[name] for name in names])
    ideal.model.warm_up(ideal.model.alone(ideal.cells().cell(0)))
    found = Parallel(n_jobs=jobs, backend="threading")(
        delayed(_averaged)(simulated, ideal, cells.cell(int(i)), *runs.iloc[i][list(THEORY)])
        for i in first
    )
    seen = pd.DataFrame(found).iloc[label].set_index(runs.index)
    N = runs["N"].to_numpy()
    window = [window_of(simulated.solver, n) for n in N]
    return runs.assign(
        **{
            "status_theory": status_words(seen["status"].to_numpy()),
            f"{TIME}_theory": seen["time_to_target"],
            f"{ERROR}_theory": seen["error"],
            f"{WINDOW_ERROR}_theory": seen["error"],
            WINDOW_TIME: (seen["end"] - (np.minimum(window, seen["end"]) + 1) / 2) / N,
            END: seen["end"],
        }
    )


THEORY = ("status_theory", f"{TIME}_theory")


def follow_to_windows(simulated: Grid, runs: pd.DataFrame) -> Followed:
    """What is still to be simulated for `with_errors`. runs: of `beside_theory`."""
    missing = np.flatnonzero(
        is_answered(runs["status"])
        & runs[f"{WINDOW_ERROR}_theory"].notna()
        & ~_ends_there(runs)
        & ~_broke_off(runs)
    )
    cells = simulated.cells().take(missing)
    end = runs[END].to_numpy()[missing]
    keys = [code for name, code in cells.codes.items() if name not in ("target_error", "alpha_max")]
    label, first = group_by([*keys, end])
    once = cells.take(first)
    alpha_max = next(p for p in simulated.model.parameters if p.name == "alpha_max")
    alphas = [alpha_max.coerce(alpha) for alpha in end[first] / once.numbers("N")]
    distinct, codes = np.unique(alphas, return_inverse=True)
    listed = Cells(
        {**once.values, "target_error": (0.0,), "alpha_max": tuple(distinct.tolist())},
        {
            **once.codes,
            "target_error": np.zeros(len(first), np.int32),
            "alpha_max": codes.astype(np.int32),
        },
    )
    place = np.full(len(runs), -1)
    place[missing] = label
    return Followed(_listed(simulated, listed), place)


def with_errors(runs: pd.DataFrame, followed: Followed, results: Path, warn: Warn) -> pd.DataFrame:
    """The runs with their error in the window, and how they got there, for `judge`."""
    grid, place = followed.grid, followed.place
    status = runs["status"].to_numpy(dtype=object)
    error = runs[ERROR].where(_ends_there(runs)).to_numpy(dtype=np.float64)
    if len(grid.cells()):
        rows = frame(grid, Folder(results, grid.name), warn, ("status", ERROR))
        status = np.where(place >= 0, rows["status"].to_numpy(dtype=object)[place], status)
        error = np.where(place >= 0, rows[ERROR].to_numpy(dtype=np.float64)[place], error)
    return runs.assign(**{WINDOW_STATUS: status, WINDOW_ERROR: error})


def paired(
    simulated: pd.DataFrame, theory: pd.DataFrame, on: Sequence[str], answers: Sequence[str]
) -> pd.DataFrame:
    """The rows of a simulation, and beside them the theory's columns `answers`, named …_theory.

    on: the axes of the theory's grid.
    """
    beside = theory.reindex(columns=[*on, *answers])
    beside = beside.rename(columns={name: f"{name}_theory" for name in answers})
    if not on:
        return simulated.merge(beside, how="cross")
    return simulated.merge(beside, on=list(on), how="left", validate="many_to_one")


def _averaged(
    simulated: Grid, ideal: Grid, run: Mapping[str, Value], status: str, crossing: float
) -> Averaged:
    if status == DIVERGED.word:
        return Averaged(DIVERGED, np.nan, np.nan, 0)
    if status not in (REACHED.word, NOT_REACHED.word):
        return Averaged(FAILED, np.nan, np.nan, 0)
    cell = {**ideal.fixed, **{name: run[name] for name in ideal.axes}}
    N = int(number(run["N"]))
    return averaged(cell, ideal.solver, N, window_of(simulated.solver, N), crossing)


def _ends_there(runs: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a run's own last window is that in which it is judged."""
    whole = runs["status"].isin([REACHED.word, NOT_REACHED.word])
    return (whole & (_tasks(runs) == runs[END])).to_numpy(dtype=np.bool_)


def _broke_off(runs: pd.DataFrame) -> NDArray[np.bool_]:
    return ((runs["status"] == DIVERGED.word) & (_tasks(runs) < runs[END])).to_numpy(np.bool_)


def _tasks(runs: pd.DataFrame) -> pd.Series[float]:
    return (runs["time_final"].astype(np.float64) * runs["N"]).round()


def _listed(simulated: Grid, cells: Cells) -> ListedGrid:
    """The cells as a grid, beside that of the runs."""
    origin = Path(simulated.place).name
    remark = (
        f"# Runs of {origin}, whose text follows, up to the window in which they are\n"
        "# judged by `sweep compare`: with target_error = 0, and with an alpha_max of each cell's\n"
        "# own, where that window ends.\n"
    )
    text = remark + simulated.text
    return listed(simulated, cells, name=f"{simulated.name}-judged", text=text)
