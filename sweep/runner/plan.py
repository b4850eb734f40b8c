"""What is to be done: from cells and what is already known to trajectories, dearest first.

Cells that one trajectory answers are integrated once. Which cells those are is up to the model
(`answered_together` and `dynamics_keys`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sweep.grid import Grid, Shard, cell_ids
from sweep.models.base import Model, Trajectory
from sweep.models.cells import Cells, group_by
from sweep.models.parameters import Value, canonical
from sweep.models.status import MISSING, Status, StatusCodes
from sweep.ode.arrays import Index
from sweep.store.known import Known


@dataclass
class Plan:
    """The cells of a grid, what is known of each, and the trajectories still to run.

    status: for every cell its Status, or MISSING. todo: positions of the cells to
    run, grouped by trajectory; trajectory i has todo[bounds[i]:bounds[i + 1]].
    """

    model: Model
    solver: Mapping[str, Value]
    cells: Cells
    ids: pa.Array
    status: StatusCodes
    todo: Index
    bounds: Index
    all_trajectories: int

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def trajectory(self, i: int) -> Trajectory:
        """The i-th trajectory still to run."""
        index = self.todo[self.bounds[i] : self.bounds[i + 1]]
        codes, values = self.cells.codes, self.cells.values
        constant, changing = self._shared
        shared = constant | {name: values[name][codes[name][index[0]]] for name in changing}
        varying = {name: numbers[codes[name][index]] for name, numbers in self._numbers.items()}
        return Trajectory(index, shared, varying)

    def warm_ups(self) -> Iterator[Trajectory]:
        """For each set of kernels that the trajectories still to run take, one that takes it."""
        first = self.todo[self.bounds[:-1]]
        keys = [self.cells.codes[name][first] for name in self.model.kernels_by]
        found = set()
        for i in group_by(keys)[1] if keys and len(self) else range(min(len(self), 1)):
            trajectory = self.trajectory(int(i))
            if self.model.kernels(trajectory) not in found:
                found.add(self.model.kernels(trajectory))
                yield trajectory

    @cached_property
    def _shared(self) -> tuple[dict[str, Value], list[str]]:
        """Of the parameters that cells of a trajectory share: the constant ones, other names."""
        together = self.model.answered_together
        names = [name for name in self.cells.values if name not in together]
        constant = {name: v[0] for name in names if len(v := self.cells.values[name]) == 1}
        return constant, [name for name in names if name not in constant]

    @cached_property
    def _numbers(self) -> dict[str, NDArray[np.float64]]:
        return {
            name: np.array(self.cells.values[name], dtype=np.float64)
            for name in self.model.answered_together
        }

    @cached_property
    def costs(self) -> NDArray[np.float64]:
        """The model's forecast of each trajectory's seconds."""
        forecasts = (self.model.cost(self.trajectory(i), self.solver) for i in range(len(self)))
        return np.fromiter(forecasts, dtype=np.float64, count=len(self))

    def count(self, status: Status) -> int:
        """How many cells have this status."""
        return int(np.count_nonzero(self.status == status))

    def batches(self, jobs: int) -> list[list[int]]:
        """Trajectories dearest first, the cheap ones together, so that dispatch costs little."""
        order = np.argsort(-self.costs, kind="stable")
        total = float(self.costs.sum())
        size = min(max(total / (16 * jobs), LEAST_BATCH_S), LARGEST_BATCH_S)
        batch_of = np.floor((np.cumsum(self.costs[order]) - self.costs[order]) / size)
        starts = np.flatnonzero(np.diff(batch_of, prepend=-1.0))
        return [part.tolist() for part in np.split(order, starts[1:])] if len(order) else []


LEAST_BATCH_S, LARGEST_BATCH_S = 0.02, 1.0
"""A batch of trajectories is forecast to take this long, about."""


def make_plan(grid: Grid, known: Known, *, shard: Shard | None = None) -> Plan:
    """Decide which cells are still to run, and with which trajectories."""
    cells = grid.cells()
    ids = pa.array(cell_ids(cells, grid.model, grid.solver), pa.string())
    status = _look_up(ids, known)
    pending = status == MISSING
    label, first = _group(grid.model, cells)
    if shard is not None:
        mine = _shards(grid.model, cells, first, shard.count) == shard.number - 1
        pending &= mine[label]
    todo = np.flatnonzero(pending)
    todo = todo[np.argsort(label[todo], kind="stable")]
    bounds = np.concatenate([[0], 1 + np.flatnonzero(np.diff(label[todo])), [len(todo)]])
    bounds = np.unique(bounds)  # [0] where there is nothing to do
    return Plan(grid.model, grid.solver, cells, ids, status, todo, bounds, len(first))


def _look_up(ids: pa.Array, known: Known) -> StatusCodes:
    at = pc.index_in(ids, value_set=known.ids).fill_null(-1).to_numpy()
    status = np.append(known.status, np.int8(MISSING))
    found: StatusCodes = status[at]  # position -1 is the one appended
    return found


def _group(model: Model, cells: Cells) -> tuple[Index, Index]:
    keys = [cells.codes[name] for name in cells.codes if name not in model.answered_together]
    return group_by([*keys, *model.dynamics_keys(cells)])


def _shards(model: Model, cells: Cells, first: Index, count: int) -> NDArray[np.int64]:
    """The shard of each trajectory, from the parameters that its cells share.

    So it stays the same when a run is repeated, and when the grid gains or loses cells.
    """
    names: Sequence[str] = [name for name in cells.codes if name not in model.answered_together]
    keys = [key[first] for key in model.dynamics_keys(cells)]
    shards = np.empty(len(first), dtype=np.int64)
    for i, cell in enumerate(first):
        shared = [canonical(cells.values[name][cells.codes[name][cell]]) for name in names]
        text = ",".join([*shared, *(repr(float(key[i])) for key in keys)])
        digest = blake2b(text.encode(), digest_size=8).digest()
        shards[i] = int.from_bytes(digest, "big") % count
    return shards
