"""Looking into single cells: what each comes to, its course as a table, and what pictures show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.problems import unknown
from sweep.models.base import (
    Answers,
    Model,
    Picture,
    Series,
    Trace,
)
from sweep.models.cells import Cells
from sweep.models.parameters import Value, canonical, shown
from sweep.models.status import DIVERGED, FAILED, REACHED, Status
from sweep.ode.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

MOST_SIDE_BY_SIDE = 6
BEYOND = 1.5
"""A cell that reaches its target is followed for so many times as long."""

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
        return float(self.answers.time_to_target[0]) if self.status == REACHED else None

    @property
    def status(self) -> Status:
        """What becomes of the cell."""
        return Status(self.answers.status[0])

    @property
    def message(self) -> str:
        """Why the cell fails or diverges, or what else is to be said of it; empty if nothing is."""
        return self.answers.message[0] if self.answers.message else ""

    def outcome(self) -> dict[str, object]:
        """What the cell comes to, in the words of a row; NaN where the target is not met."""
        answers = self.answers
        return {
            "status": self.status.word,
            "time_to_target": float(answers.time_to_target[0]),
            "error_initial": float(answers.error_initial[0]),
            "error_final": float(answers.error_final[0]),
            "time_final": float(answers.time_final[0]),
            "rhs_evaluations": int(answers.rhs_evaluations),
            "message": self.message,
        }

    def facts(self) -> dict[str, Any]:
        """What the cell is and what it comes to, with the lists and numbers of its last state."""
        answers = self.answers
        return {
            **self.cell,
            **self.outcome(),
            **{name: column[0].tolist() for name, column in answers.lists.items()},
            **{name: column[0] for name, column in answers.numbers.items()},
            "message": self.message or None,
        }

    def summary(self, time_name: str) -> str:
        """What the cell comes to, on one line."""
        answers, end = self.answers, float(self.answers.time_final[0])
        time = end if self.crossing is None else self.crossing
        words = f"{_listed(self.apart)}: " if self.apart else ""
        words += self.status.text
        words += f" at {time_name} = {time:.8g}"
        words += f", ended at {end:.8g}" if end != time else ""
        words += f"; error {answers.error_initial[0]:.4g} → {answers.error_final[0]:.4g}"
        words += f", {self.averaging}" if self.averaging else ""
        words += "".join(f"; {name} {column[0]}" for name, column in answers.numbers.items())
        words += f"; rhs_evaluations {answers.rhs_evaluations}"
        return f"{words}; {self.message}" if self.message else words


def look_into(grid: Grid, cells: Cells, until: float | None = None) -> list[Look]:
    """Answer each of the cells by a trajectory of its own.

    until: the end of the window, and how far to follow them all; by default the window is that of
    the cell, and a cell is followed somewhat beyond its target where that is sooner.
    """
    _refuse_many(grid, cells)
    varying = _several(grid, cells)
    looks = []
    for i in range(len(cells)):
        cell = {**cells.cell(i), **_window(grid, until)}
        answers = _answers(grid, cell)
        end = until or _until(answers, float(cell[grid.model.window]))  # type: ignore[arg-type]
        apart = {name: cell[name] for name in varying}
        averaging = grid.model.averaging(cell, grid.solver)
        looks.append(Look(cell, apart, answers, end, averaging))
    return looks


def _window(grid: Grid, until: float | None) -> dict[str, Value]:
    """The window that was asked for, if one was."""
    window = next(p for p in grid.model.parameters if p.name == grid.model.window)
    return {} if until is None else {window.name: window.coerce(until)}


def _answers(grid: Grid, cell: Parameters) -> Answers:
    trajectory = grid.model.alone(cell)
    with _told(grid):
        grid.model.warm_up(trajectory)
        return grid.model.solve(trajectory, grid.solver)


@contextmanager
def _told(grid: Grid) -> Iterator[None]:
    """A context in which what fails in the model is told as in a row."""
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"{grid.place}: this cell fails: {grid.model.story(error)}") from error


def table(grid: Grid, looks: Sequence[Look], points: int) -> pd.DataFrame:
    """The courses below one another: what tells the cells apart, the time, and every series."""
    import pandas as pd

    apart = {name: _entries([look.apart[name] for look in looks]) for name in looks[0].apart}
    tables = []
    for i, look in enumerate(looks):
        columns = course(grid, look, points)
        named = {name: entries[i] for name, entries in apart.items()}
        length = len(columns[grid.model.time_name])
        tables.append(pd.DataFrame({**named, **columns}, index=range(length)))
    return pd.concat(tables, ignore_index=True)


def course(grid: Grid, look: Look, points: int) -> dict[str, Floats]:
    """The time, and every entry of every series."""
    trace = _trace(grid, look, points)
    columns = {grid.model.time_name: trace.time}
    for name, values in trace.series.items():
        symmetric = grid.model.series.get(name, Series()).symmetric
        columns |= _columns(name, values, symmetric=symmetric)
    return columns


def expected_s(grid: Grid, cells: Cells, until: float | None = None) -> float:
    """A forecast of what it takes to answer the cells and to follow them; NaN without one."""
    if not grid.model.knows_costs:
        return math.nan
    each = [{**cells.cell(i), **_window(grid, until)} for i in range(len(cells))]
    return 2 * sum(grid.model.cost(grid.model.alone(cell), grid.solver) for cell in each)


@dataclass(frozen=True)
class Courses:
    """The courses of cells, to stand side by side. shared: what a title says of all cells."""

    looks: Sequence[Look]
    traces: Sequence[Trace]
    shared: Parameters


@dataclass(frozen=True)
class View:
    """A picture of single cells by its name, and what it shows.

    That is their courses, or whatever the model computes for this picture.
    """

    picture: str
    content: Courses | object


def view(
    grid: Grid, cells: Cells, looks: Sequence[Look], points: int, name: str | None = None
) -> View:
    """What one of the model's pictures of single cells shows; by default, the usual one.

    Raises UsageError where the model has no such picture, or where it does not show these cells.
    """
    chosen = picture_named(grid.model, name)
    found = grid.model.pictures[chosen]
    _refuse_unlike(found, looks)
    if found.details is not None:
        return View(chosen, found.details(grid.model, [look.cell for look in looks]))
    return View(chosen, followed(grid, cells, looks, points))


def followed(grid: Grid, cells: Cells, looks: Sequence[Look], points: int) -> Courses:
    """The courses of the cells, each at about so many times."""
    traces = [_trace(grid, look, points) for look in looks]
    return Courses(looks, traces, _shared(grid, cells))


def picture_named(model: Model, name: str | None) -> str:
    """The name of one of the model's pictures, by default the usual one. Raises UsageError."""
    if name is not None and name not in model.pictures:
        raise unknown(name, f"picture of {model.name}", model.pictures)
    return name or next(iter(model.pictures))


def _refuse_unlike(found: Picture, looks: Sequence[Look]) -> None:
    """Raise UsageError where one picture cannot show the cells together."""
    for name in looks[0].cell if found.alike is None else found.alike:
        values = list(dict.fromkeys(look.cell[name] for look in looks))
        if len(values) > 1:
            raise UsageError(
                f"{name}: has {len(values)} values, of which this picture shows one; "
                f"choose, as in {name}={shown(values[0])}"
            )


def _refuse_many(grid: Grid, cells: Cells) -> None:
    if len(cells) <= MOST_SIDE_BY_SIDE:
        return
    several = {name: cells.values[name] for name in _several(grid, cells)}
    lengths = ", ".join(f"{name} {len(values)}" for name, values in several.items())
    example = " ".join(f"{name}={_text(values[0])}" for name, values in several.items())
    raise UsageError(
        f"{grid.place}: {len(cells):,} cells are left (values: {lengths}), of which at most "
        f"{MOST_SIDE_BY_SIDE} stand side by side; choose, as in {example}"
    )


def _several(grid: Grid, cells: Cells) -> list[str]:
    """The parameters of which more than one value is left, in the order of the axes."""
    names = dict.fromkeys([*grid.axes, *cells.values])
    return [name for name in names if len(cells.values[name]) > 1]


def _trace(grid: Grid, look: Look, points: int) -> Trace:
    with _told(grid):
        trace = grid.model.trace(look.cell, grid.solver, look.until, points)
    if len(trace.time) == 0:
        raise UsageError(f"{grid.place}: no course to show; the cell diverges at its very start")
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
    """What a title says of all cells: what the model always names, the axes, the unusual."""
    first = cells.cell(0)
    return {
        p.name: first[p.name]
        for p in grid.model.parameters
        if len(cells.values[p.name]) == 1
        and p.name not in grid.model.never_named
        and (p.name in (*grid.model.always_named, *grid.axes) or first[p.name] != p.default)
    }


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
