"""Where the saved rows of a grid come from: who made them, when, and what that has cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sweep.errors import UsageError, Warn
from sweep.grid import Grid
from sweep.models.cells import group_by
from sweep.ode.arrays import Index
from sweep.runner.plan import make_plan
from sweep.store.folder import Folder
from sweep.store.identities import parsed, positions
from sweep.store.known import known, none_yet
from sweep.store.metadata import MODIFIED

Made = Mapping[str, str]

NAMES = {
    "sweep_version": "sweep",
    "git_commit": "commit",
    "model_version": "model version",
    "host": "host",
    "numpy_version": "numpy",
    "scipy_version": "scipy",
    "numba_version": "numba",
    "pyarrow_version": "pyarrow",
    "since": "from",
    "written": "until",
}
"""What the files say of who wrote them, in the order and the words in which people read it."""


@dataclass(frozen=True)
class Origin:
    """rows: saved ones. cells: those of the grid. saved: how many of them have rows.

    core_s: what their trajectories have taken, each counted once. made: see `Folder.made`.
    """

    rows: int
    cells: int
    saved: int
    core_s: float
    made: Sequence[Made]


def origin(grid: Grid, folder: Folder, warn: Warn) -> Origin:
    """Where the rows of a grid come from. Raises UsageError where there are none."""
    table = folder.read(["wall_s"], warn)
    if table is None:
        raise UsageError(none_yet(grid, folder))
    plan = make_plan(grid, known(folder, lambda _: None))
    at = positions(plan.ids, parsed(table["cell_id"]))
    saved = at >= 0
    seconds = table["wall_s"].take(pa.array(at[saved])).fill_null(0.0).to_numpy()
    return Origin(
        rows=len(table),
        cells=len(plan.cells),
        saved=int(saved.sum()),
        core_s=_once(plan.trajectory_of[saved], seconds),
        made=folder.made(),
    )


def _once(trajectory: Index, seconds: pa.Array) -> float:
    """The time of all trajectories; one that was run again has taken another time than before."""
    if not len(seconds):
        return 0.0
    _, first = group_by([trajectory, seconds])
    return float(np.sum(seconds[first]))


def told(made: Made) -> dict[str, str]:
    """What is known of who wrote rows, in the words of `NAMES`."""
    found = {word: made.get(name, "") for name, word in NAMES.items()}
    if made.get(MODIFIED):
        found["commit"] += " (modified)"
    return found
