"""Looking into single cells: what each comes to, and its course as a table or as a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.problems import unknown
from sweep.models.base import Answers, Trace
from sweep.models.cells import Cells
from sweep.models.parameters import Value, canonical, shown
from sweep.models.status import DIVERGED, FAILED, REACHED, Status
from sweep.ode.arrays import Floats

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
    """A cell, what tells it from those beside it, what it comes to, and how far to follow it.

    averaging: what its errors are means over, in words; empty where they belong to single times.
    """

    cell: Parameters
    apart: Parameters
    answers: Answers
    until: float
    averaging: str

    @property
    def crossing(self) -> float | None:
        """The time at which the target is met, None where it is not."""
        return float(self.answers.time_to_target[0]) if self._status == REACHED else None

    @property
    def _status(self) -> Status:
        return Status(self.answers.status[0])

    def summary(self, time_name: str) -> str:
        """What the cell comes to, on one line."""
        answers, end = self.answers, float(self.answers.time_final[0])
        time = end if self.crossing is None else self.crossing
        words = f"{_listed(self.apart)}: " if self.apart else ""
        words += self._status.text
        words += f" at {time_name} = {time:.8g}"
        words += f", ended at {end:.8g}" if end != time else ""
        words += f"; error {answers.error_initial[0]:.4g} → {answers.error_final[0]:.4g}"
        words += f", {self.averaging}" if self.averaging else ""
        words += "".join(f"; {name} {column[0]}" for name, column in answers.numbers.items())
        words += f"; rhs_evaluations {answers.rhs_evaluations}"
        message = answers.message[0] if answers.message else ""
        return f"{words}; {message}" if message else words


def look_into(grid: Grid, cells: Cells, until: float | None = None) -> list[Look]:
    """Answer each of the cells by a trajectory of its own.

    until: the end of the window, and how far to follow them all; by default the window is that of
    the cell, and a cell is followed somewhat beyond its target where that is sooner.
    """
    _refuse_many(grid, cells)
    varying = _several(grid, cells)
    window = next(p for p in grid.model.parameters if p.name == grid.model.window)
    looks = []
    for i in range(len(cells)):
        cell = cells.cell(i)
        if until is not None:
            cell[window.name] = window.coerce(until)
        answers = grid.model.solve(grid.model.alone(cell), grid.solver)
        end = until or _until(answers, float(cell[window.name]))  # type: ignore[arg-type]
        apart = {name: cell[name] for name in varying}
        averaging = grid.model.averaging(cell, grid.solver)
        looks.append(Look(cell, apart, answers, end, averaging))
    return looks


def table(grid: Grid, looks: Sequence[Look], points: int) -> pd.DataFrame:
    """The courses below one another: what tells the cells apart, the time, and every series."""
    import pandas as pd

    apart = {name: _entries([look.apart[name] for look in looks]) for name in looks[0].apart}
    tables = []
    for i, look in enumerate(looks):
        trace = _trace(grid, look, points)
        columns = {grid.model.time_name: trace.time}
        for name, values in trace.series.items():
            columns |= _columns(name, values, symmetric=name in trace.symmetric)
        named = {name: entries[i] for name, entries in apart.items()}
        tables.append(pd.DataFrame({**named, **columns}, index=range(len(trace.time))))
    return pd.concat(tables, ignore_index=True)


def picture(
    grid: Grid, cells: Cells, looks: Sequence[Look], points: int, name: str | None = None
) -> Figure:
    """One of the model's pictures of single cells: the courses side by side, or by its name."""
    drawings = _drawings(grid)
    if name is not None and name not in drawings:
        raise unknown(name, f"picture of {grid.model.name}", drawings or ["none"])
    if drawings:
        return drawings[name or next(iter(drawings))](grid.model, [look.cell for look in looks])
    return _courses(grid, cells, looks, points)


def _drawings(grid: Grid) -> Mapping[str, Callable[[Any, list[Parameters]], Figure]]:
    """The pictures that have names, the usual one first."""
    from sweep.models.fourier.model import FourierModel
    from sweep.plots.fourier import PICTURES

    return PICTURES if isinstance(grid.model, FourierModel) else {}


def _courses(grid: Grid, cells: Cells, looks: Sequence[Look], points: int) -> Figure:
    from sweep.plots.trajectory import Case, draw_trajectories

    cases = []
    for look in looks:
        trace = _trace(grid, look, points)
        target = look.cell["target_error"]
        assert isinstance(target, int | float)
        cases.append(Case(_in_symbols(grid, look.apart), trace, target, look.crossing))
    title = _in_symbols(grid, _shared(grid, cells), a_line=min(5 * len(cases), 10))
    return draw_trajectories(cases, title, grid.model.time_symbol)


def _refuse_many(grid: Grid, cells: Cells) -> None:
    if len(cells) <= MOST_SIDE_BY_SIDE:
        return
    several = {name: cells.values[name] for name in _several(grid, cells)}
    lengths = ", ".join(f"{name} {len(values)}" for name, values in several.items())
    example = " ".join(f"{name}={_text(values[0])}" for name, values in several.items())
    raise UsageError(
        f"{grid.path}: {len(cells):,} cells are left (values: {lengths}), of which at most "
        f"{MOST_SIDE_BY_SIDE} stand side by side; choose, as in {example}"
    )


def _several(grid: Grid, cells: Cells) -> list[str]:
    """The parameters of which more than one value is left, in the order of the axes."""
    names = dict.fromkeys([*grid.axes, *cells.values])
    return [name for name in names if len(cells.values[name]) > 1]


def _trace(grid: Grid, look: Look, points: int) -> Trace:
    trace = grid.model.trace(look.cell, grid.solver, look.until, points)
    if len(trace.time) == 0:
        raise UsageError(f"{grid.path}: no course to show; the cell diverges at its very start")
    return trace


def _until(answers: Answers, window: float) -> float:
    """How far to follow a cell; a round number where the target is met before the window ends."""
    status, end = answers.status[0], float(answers.time_final[0])
    if status in (DIVERGED, FAILED) and end > 0:
        return end
    if status == REACHED and answers.time_to_target[0] > 0:
        return min(window, _rounded_up(max(BEYOND * float(answers.time_to_target[0]), end)))
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
    """What the title says of all cells: the widths and rates, the grid's axes, the unusual.

    Matrices are left out, as they have no room.
    """
    first = cells.cell(0)
    return {
        p.name: first[p.name]
        for p in grid.model.parameters
        if len(cells.values[p.name]) == 1
        and p.name not in NEVER_NAMED
        and not isinstance(first[p.name], tuple)
        and (p.name in (*ALWAYS_NAMED, *grid.axes) or first[p.name] != p.default)
    }


def _in_symbols(grid: Grid, named: Parameters, a_line: int = 100) -> str:
    """Such as "$K$ = 3, $V$ = 100", so many to a line."""
    from sweep.plots.edges import key
    from sweep.plots.labels import as_math
    from sweep.plots.ticks import words

    symbols = {p.name: p.symbol or p.name.replace("_", " ") for p in grid.model.parameters}
    texts = [f"{as_math(symbols[name])} = {words(key(value))}" for name, value in named.items()]
    lines = [texts[i : i + a_line] for i in range(0, len(texts), a_line)]
    return ",\n".join(", ".join(line) for line in lines)


def _listed(named: Parameters) -> str:
    return ", ".join(f"{name} = {_text(value)}" for name, value in named.items())


def _text(value: Value) -> str:
    """As on the command line: words without quotes."""
    return value if isinstance(value, str) else shown(value)


def _entries(values: Sequence[Value]) -> list[Value]:
    """Values as entries of one column: numbers, or all as text where some are none."""
    if all(isinstance(value, int | float) for value in values):
        return list(values)
    return [value if isinstance(value, str) else canonical(value) for value in values]
