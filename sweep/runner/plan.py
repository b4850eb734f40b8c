"""What is to be done: from cells and what is already known to trajectories, dearest first.

Cells that one trajectory answers are integrated once. Which cells those are is up to the model
(`answered_together` and `dynamics_keys`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sweep.grid import Grid, Shard
from sweep.models.base import Model, Trajectory
from sweep.models.cells import Cells, group_by
from sweep.models.parameters import Parameter, Value, canonical
from sweep.models.status import MISSING, Status, StatusCodes
from sweep.ode.arrays import Floats, Index
from sweep.runner.forecast import Forecast, Saved, Trajectories
from sweep.store import identities
from sweep.store.known import Known
from sweep.store.schema import parameter_column
from sweep.store.timings import Timings


@dataclass
class Plan:
    """The cells of a grid, what is known of each, and the trajectories still to run.

    status: for every cell its Status, or MISSING. trajectory_of: the number of the trajectory that
    answers it, among all of the grid. todo: positions of the cells to run, grouped by trajectory;
    trajectory i of those has todo[bounds[i]:bounds[i + 1]]. timings: what others have taken, for
    the forecast.
    """

    model: Model
    solver: Mapping[str, Value]
    cells: Cells
    ids: pa.Array
    status: StatusCodes
    trajectory_of: Index
    todo: Index
    bounds: Index
    all_trajectories: int
    timings: Timings | None = None

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
        keys = [self.cells.codes[name][self.first] for name in self.model.kernels_by]
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
    def first(self) -> Index:
        """The first cell of each trajectory still to run."""
        return self.todo[self.bounds[:-1]]

    @cached_property
    def forecast(self) -> Forecast:
        """How long the trajectories still to run take."""
        saved = None
        if self.timings is not None:
            costs = self._costs(self.timings.trajectories)
            saved = Saved(self.timings.columns, costs, self.timings.seconds)
        columns = {
            parameter.name: parameter_column(self.cells, parameter, self.first)
            for parameter in self.model.parameters
            if self._varies(parameter)
        }
        mine = Trajectories(columns, self._costs(map(self.trajectory, range(len(self)))))
        return Forecast(mine, saved, is_known=self.model.knows_costs)

    def _varies(self, parameter: Parameter) -> bool:
        """Whether trajectories differ in it, those that were computed before among them."""
        if self.timings is None:
            return len(self.cells.values[parameter.name]) > 1
        there = self.timings.columns[parameter.name].unique()
        here = parameter_column(self.cells, parameter, self.first[:1])
        return len(self.cells.values[parameter.name]) > 1 or len(there) > 1 or there != here

    def _costs(self, trajectories: Iterable[Trajectory]) -> Floats:
        """The model's forecasts."""
        costs = (self.model.cost(trajectory, self.solver) for trajectory in trajectories)
        return np.fromiter(costs, dtype=np.float64)

    def count(self, status: Status) -> int:
        """How many cells have this status."""
        return int(np.count_nonzero(self.status == status))

    def batches(self, jobs: int) -> list[list[int]]:
        """A sample of the trajectories, then the others dearest first; cheap ones go together.

        From the sample the forecast learns what there is, and dispatch costs little. Some of the
        others come earlier than is their turn, so that it goes on learning of all there is.
        """
        seconds = self.forecast.seconds
        total = float(seconds.sum())
        size = min(max(total / (16 * jobs), LEAST_BATCH_S), LARGEST_BATCH_S)
        rng = np.random.default_rng(0)
        any_order = rng.permutation(len(self))
        in_sample = np.cumsum(seconds[any_order]) <= SAMPLE * total
        sample, rest = any_order[in_sample], any_order[~in_sample]
        rest = rest[np.argsort(-seconds[rest], kind="stable")]
        turn = np.arange(len(rest), dtype=np.float64)
        early = rng.random(len(rest)) < EARLY
        turn[early] *= rng.random(int(early.sum()))
        rest = rest[np.argsort(turn, kind="stable")]
        return [*_batches(sample, seconds, size / 4), *_batches(rest, seconds, size)]


def _batches(order: Index, seconds: Floats, size: float) -> list[list[int]]:
    """Trajectories in this order, so many together as take about `size` seconds."""
    if not len(order):
        return []
    batch_of = np.floor((np.cumsum(seconds[order]) - seconds[order]) / size)
    starts = np.flatnonzero(np.diff(batch_of, prepend=-1.0))
    return [part.tolist() for part in np.split(order, starts[1:])]


LEAST_BATCH_S, LARGEST_BATCH_S = 0.02, 1.0
"""A batch of trajectories is forecast to take this long, about."""

SAMPLE = 0.05
"""The part of the work that is done first, drawn by lot."""

EARLY = 0.2
"""The part of the other trajectories that come before their turn."""


def make_plan(
    grid: Grid, known: Known, *, shard: Shard | None = None, timings: Timings | None = None
) -> Plan:
    """Decide which cells are still to run, and with which trajectories."""
    cells = grid.cells()
    ids = identities.of_cells(cells, grid.model, grid.solver)
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
    return Plan(
        grid.model, grid.solver, cells, ids, status, label, todo, bounds, len(first), timings
    )


def missing_parts(plan: Plan, count: int) -> Counter[int]:
    """How many cells are missing of each of so many shards, by their numbers from 1."""
    _, first = np.unique(plan.trajectory_of, return_index=True)
    part_of = _shards(plan.model, plan.cells, first, count)[plan.trajectory_of]
    parts, cells = np.unique(part_of[plan.status == MISSING] + 1, return_counts=True)
    return Counter(dict(zip(parts.tolist(), cells.tolist(), strict=True)))


def _look_up(ids: pa.Array, known: Known) -> StatusCodes:
    at = identities.positions(ids, known.ids)
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
