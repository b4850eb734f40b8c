"""A grid: which cells of which model, and how they are to be solved and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sweep.errors import ParameterError
from sweep.grid.axes import Axis
from sweep.grid.expansion import expand, product_factors
from sweep.grid.expression import Expression
from sweep.grid.problems import GridError, unknown
from sweep.grid.refinement.settings import Refinement
from sweep.models.base import Model
from sweep.models.cells import Cells
from sweep.models.parameters import Parameter, Value, shown

Given = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True)
class PlotSettings:
    """The `[plot]` section; None where the file leaves the choice to `sweep plot`.

    level: a value that lines are compared with; by default the target, where errors are drawn.
    boundary: whether heatmaps show the edge of the reached region as a line.
    """

    x: str | None = None
    y: str | None = None
    facet: str | None = None
    series: str | None = None
    value: str | None = None
    level: float | None = None
    boundary: bool | None = None


@dataclass(frozen=True)
class Grid:
    """A grid file that has been read and checked.

    name: of the file, without its ending; the results' folder has it too. text: what the file
    says. fixed: the parameters with one value, defaults included. axes: the swept ones, in the
    order of expansion. zipped: groups of axes that advance together. excludes: a cell for which
    one of these holds is left out. refine: of what kind of finer grid this is the coarsest level.
    """

    name: str
    path: Path
    text: str
    title: str
    model: Model
    fixed: Mapping[str, Value]
    axes: Mapping[str, Axis]
    zipped: tuple[tuple[str, ...], ...]
    excludes: tuple[Expression, ...]
    solver: Mapping[str, Value]
    plot: PlotSettings
    refine: Refinement | None = None

    def cells(self) -> Cells:
        """All cells, the first axis varying slowest; expanded once, however often asked for."""
        return self._cells

    @cached_property
    def _cells(self) -> Cells:
        return expand(self.model.parameters, self.fixed, self.swept, self.zipped, self.excludes)

    @cached_property
    def swept(self) -> Mapping[str, tuple[Value, ...]]:
        """The values of every axis."""
        return {name: axis.values for name, axis in self.axes.items()}

    def selected(self, assignments: Mapping[str, Sequence[str]]) -> Cells:
        """The cells in which the named parameters have one of the values that the texts say.

        A value need not be on its axis, and a fixed parameter may be named. The axes that are left
        open are expanded; those zipped to a named one go with it. `exclude` counts where an axis
        is left open, and must leave a cell of every value that is named. Raises UsageError.
        """
        parameters = {parameter.name: parameter for parameter in self.model.parameters}
        given = {
            name: _known(parameters, name, self.model).parse_all(texts)
            for name, texts in assignments.items()
        }
        left = {**self._left(given), **{n: v for n, v in given.items() if n not in self.axes}}
        decided = {name: values[0] for name, values in left.items() if len(values) == 1}
        axes = {name: values for name, values in left.items() if len(values) > 1}
        zipped = [
            group
            for group in self.zipped
            if all(name in axes for name in group) and not all(name in given for name in group)
        ]
        is_open = any(not given.keys() & set(factor) for factor in product_factors(axes, zipped))
        excludes = self.excludes if is_open else ()
        cells = expand(self.model.parameters, {**self.fixed, **decided}, axes, zipped, excludes)
        for name in given:
            for code, value in enumerate(cells.values[name]):
                if code not in cells.codes[name]:
                    raise GridError(
                        self.path,
                        f"[grid] exclude: leaves no such cell with {_one_of(name, [value])}; "
                        "choose another",
                    )
        check_constraints(self.model, cells)
        return cells

    def _left(self, given: Given) -> dict[str, tuple[Value, ...]]:
        """The values that are left of every axis."""
        left: dict[str, tuple[Value, ...]] = {}
        for factor in product_factors(self.swept, self.zipped):
            named = [name for name in factor if name in given]
            if len(named) == len(factor):
                left.update({name: given[name] for name in factor})
                continue
            places = [
                i
                for i in range(len(self.swept[factor[0]]))
                if all(self.swept[name][i] in given[name] for name in named)
            ]
            left.update({name: tuple(self.swept[name][i] for i in places) for name in factor})
            for name in named:
                self._check_partners(factor, given, name, left[name])
        return left

    def _check_partners(
        self, factor: Sequence[str], given: Given, name: str, found: Sequence[Value]
    ) -> None:
        """Refuse a given value that is not `found` beside what the other zipped axes can be."""
        for value in given[name]:
            if value in found:
                continue
            open_name = next(other for other in factor if other not in given)
            values = self.swept[open_name]
            others = [(other, given[other]) for other in factor if other in given and other != name]
            beside = "".join(f" and {_one_of(*other)}" for other in others)
            raise GridError(
                self.path,
                f"[axes] {open_name}: none of its {len(values)} values goes with "
                f"{name} = {shown(value)}{beside}; choose one, like {open_name}={shown(values[0])}",
            )


def check_constraints(model: Model, cells: Cells) -> None:
    """Check the model's conditions between parameters on every combination that occurs.

    Raises ParameterError, which also says the values of those parameters that vary.
    """
    for constraint in model.constraints:
        for _, combination in cells.combinations(constraint.names):
            try:
                constraint.check(combination)
            except ParameterError as error:
                varying = [
                    f"{name} = {shown(combination[name])}"
                    for name in constraint.names
                    if len(cells.values[name]) > 1
                ]
                place = f" (at {', '.join(varying)})" if varying else ""
                raise ParameterError(error.name, error.problem + place) from None


def _known(parameters: Mapping[str, Parameter], name: str, model: Model) -> Parameter:
    if name not in parameters:
        raise unknown(name, f"parameter of {model.name}", parameters)
    return parameters[name]


def _one_of(name: str, values: Sequence[Value]) -> str:
    return f"{name} = {' or '.join(map(shown, values))}"
