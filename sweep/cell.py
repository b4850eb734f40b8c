"""Looking into single cells: what each comes to, and its course as a table or as a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sweep.cells import Cells
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.base import DIVERGED, FAILED, REACHED, STATUSES, Answers, Floats, Trace
from sweep.parameters import Value, shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MOST_SIDE_BY_SIDE = 6
BEYOND = 1.5
"""A cell that reaches its target is followed for so many times as long."""

ALWAYS_NAMED = ("K", "M", "eta_w", "eta_J")
NEVER_NAMED = ("target_error", "alpha_max", "max_steps")

Parameters = Mapping[str, Value]


@dataclass(frozen=True)
class Look:
    """A cell, what tells it from those beside it, what it comes to, and how far to follow it."""

    cell: Parameters
    apart: Parameters
    answers: Answers
    until: float

    @property
    def crossing(self) -> float | None:
        """The time at which the target is met, None where it is not."""
        return float(self.answers.time_to_target[0]) if self._status == REACHED else None

    @property
    def _status(self) -> int:
        return int(self.answers.status[0])

    def summary(self, time_name: str) -> str:
        """What the cell comes to, on one line."""
        answers = self.answers
        words = f"{_listed(self.apart)}: " if self.apart else ""
        words += STATUSES[self._status].replace("_", " ")
        words += f" at {time_name} = {answers.time_final[0]:.8g}"
        words += f"; error {answers.error_initial[0]:.4g} → {answers.error_final[0]:.4g}"
        words += "".join(f"; {name} {column[0]}" for name, column in answers.numbers.items())
        words += f"; rhs_evaluations {answers.rhs_evaluations}"
        message = answers.message[0] if answers.message else ""
        return f"{words}; {message}" if message else words


def look_into(grid: Grid, cells: Cells, until: float | None = None) -> list[Look]:
    """Answer each of the cells by a trajectory of its own.

    until: how far to follow them all; by default the end of the window, or somewhat beyond the
    target where that is sooner.
    """
    _refuse_many(grid, cells)
    varying = [name for name, values in cells.values.items() if len(values) > 1]
    looks = []
    for i in range(len(cells)):
        cell = cells.cell(i)
        answers = grid.model.solve(grid.model.alone(cell), grid.solver)
        end = until or _until(answers, float(cell[grid.model.window]))  # type: ignore[arg-type]
        looks.append(Look(cell, {name: cell[name] for name in varying}, answers, end))
    return looks


def table(grid: Grid, looks: Sequence[Look], points: int) -> pd.DataFrame:
    """The courses below one another: what tells the cells apart, the time, and every series."""
    import pandas as pd

    tables = []
    for look in looks:
        trace = grid.model.trace(look.cell, grid.solver, look.until, points)
        columns = {grid.model.time_name: trace.time}
        for name, values in trace.series.items():
            columns |= _columns(name, values, symmetric=name in trace.symmetric)
        apart = {name: _entry(value) for name, value in look.apart.items()}
        tables.append(pd.DataFrame({**apart, **columns}, index=range(len(trace.time))))
    return pd.concat(tables, ignore_index=True)


def picture(grid: Grid, cells: Cells, looks: Sequence[Look], points: int) -> Figure:
    """The courses side by side."""
    from sweep.plots.trajectory import Case, draw_trajectories

    cases = []
    for look in looks:
        trace = grid.model.trace(look.cell, grid.solver, look.until, points)
        _refuse_without_overlaps(grid, trace)
        target = look.cell["target_error"]
        assert isinstance(target, int | float)
        cases.append(Case(_in_symbols(grid, look.apart), trace, target, look.crossing))
    return draw_trajectories(cases, _in_symbols(grid, _shared(grid, cells)), grid.model.time_symbol)


def _refuse_many(grid: Grid, cells: Cells) -> None:
    if len(cells) <= MOST_SIDE_BY_SIDE:
        return
    several = {name: values for name, values in cells.values.items() if len(values) > 1}
    lengths = ", ".join(f"{name} {len(values)}" for name, values in several.items())
    example = " ".join(f"{name}={shown(values[0])}" for name, values in several.items())
    raise UsageError(
        f"{grid.path}: {len(cells):,} cells are left (values: {lengths}), of which at most "
        f"{MOST_SIDE_BY_SIDE} stand side by side; choose, as in {example}"
    )


def _refuse_without_overlaps(grid: Grid, trace: Trace) -> None:
    if not {"Q", "R", "rho"} <= set(trace.series):
        raise UsageError(f"model {grid.model.name}: has no picture of a cell, only a table")


def _until(answers: Answers, window: float) -> float:
    """How far to follow a cell; a round number where the target is met before the window ends."""
    status = answers.status[0]
    if status in (DIVERGED, FAILED):
        return float(answers.time_final[0])
    if status == REACHED and answers.time_to_target[0] > 0:
        return min(window, _rounded_up(BEYOND * float(answers.time_to_target[0])))
    return window


def _rounded_up(value: float) -> float:
    """To two digits."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / unit) * unit:.12g}")


def _columns(name: str, values: Floats, *, symmetric: bool) -> dict[str, Floats]:
    """A column for every entry, as in R_12; the upper triangle where the rest repeats it."""
    shape = values.shape[1:]
    between = "_" if max(shape, default=0) > 9 else ""
    columns = zip(np.ndindex(shape), values.reshape(len(values), -1).T, strict=True)
    return {
        "_".join([name, between.join(str(i + 1) for i in place)] if place else [name]): column
        for place, column in columns
        if not symmetric or place[0] <= place[1]
    }


def _shared(grid: Grid, cells: Cells) -> dict[str, Value]:
    """What the title says of all cells: the widths and rates, the grid's axes, the unusual."""
    first = cells.cell(0)
    return {
        p.name: first[p.name]
        for p in grid.model.parameters
        if len(cells.values[p.name]) == 1
        and p.name not in NEVER_NAMED
        and (p.name in (*ALWAYS_NAMED, *grid.axes) or first[p.name] != p.default)
    }


def _in_symbols(grid: Grid, named: Parameters) -> str:
    from sweep.plots.edges import key
    from sweep.plots.labels import as_math
    from sweep.plots.ticks import words

    symbols = {p.name: p.symbol or p.name.replace("_", " ") for p in grid.model.parameters}
    return ", ".join(f"{as_math(symbols[n])} = {words(key(value))}" for n, value in named.items())


def _listed(named: Parameters) -> str:
    return ", ".join(f"{name} = {shown(value)}" for name, value in named.items())


def _entry(value: Value) -> Value:
    return shown(value) if isinstance(value, tuple) else value
