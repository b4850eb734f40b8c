"""A grid: which cells of which model, and how they are to be solved and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sweep.cells import Cells
from sweep.errors import ParameterError
from sweep.grid.expansion import expand, product_factors
from sweep.grid.expression import Expression
from sweep.grid.problems import GridError, unknown
from sweep.models.base import Model
from sweep.parameters import Parameter, Value, shown


@dataclass(frozen=True)
class PlotSettings:
    """The `[plot]` section; None where the file leaves the choice to `sweep plot`.

    level: a value that lines are compared with; by default the target, where errors are drawn.
    """

    x: str | None = None
    y: str | None = None
    facet: str | None = None
    series: str | None = None
    value: str | None = None
    level: float | None = None


@dataclass(frozen=True)
class Grid:
    """A grid file that has been read and checked.

    name: of the file, without its ending; the results' folder has it too. text: what the file
    says. fixed: the parameters with one value, defaults included. axes: the swept ones, in the
    order of expansion. zipped: groups of axes that advance together. excludes: a cell for which
    one of these holds is left out.
    """

    name: str
    path: Path
    text: str
    title: str
    model: Model
    fixed: Mapping[str, Value]
    axes: Mapping[str, tuple[Value, ...]]
    zipped: tuple[tuple[str, ...], ...]
    excludes: tuple[Expression, ...]
    solver: Mapping[str, Value]
    plot: PlotSettings

    def cells(self) -> Cells:
        """All cells, the first axis varying slowest."""
        return expand(self.model.parameters, self.fixed, self.axes, self.zipped, self.excludes)

    def selected(self, assignments: Mapping[str, str]) -> Cells:
        """The cells in which the named parameters have the values that the texts say.

        A value need not be on its axis, and a fixed parameter may be named. The axes that are left
        open are expanded, those zipped to a named one as far as they go with it; `exclude` counts
        where there are any. Raises UsageError.
        """
        parameters = {parameter.name: parameter for parameter in self.model.parameters}
        given = {
            name: _known(parameters, name, self.model).parse(text)
            for name, text in assignments.items()
        }
        left = self._left(given)
        decided = {name: values[0] for name, values in left.items() if len(values) == 1}
        axes = {name: values for name, values in left.items() if len(values) > 1}
        zipped = [group for group in self.zipped if all(name in axes for name in group)]
        chosen = {**self.fixed, **decided, **given}
        cells = expand(self.model.parameters, chosen, axes, zipped, self.excludes if axes else ())
        if len(cells) == 0:
            raise GridError(self.path, "[grid] exclude: leaves none of these cells; choose others")
        check_constraints(self.model, cells)
        return cells

    def _left(self, given: Mapping[str, Value]) -> dict[str, tuple[Value, ...]]:
        """The values that are left of every axis that is not given."""
        left: dict[str, tuple[Value, ...]] = {}
        for factor in product_factors(self.axes, self.zipped):
            named = [name for name in factor if name in given]
            places = [
                i
                for i in range(len(self.axes[factor[0]]))
                if all(self.axes[name][i] == given[name] for name in named)
            ]
            for name in factor:
                if name in given:
                    continue
                values = self.axes[name]
                if not places:
                    raise GridError(
                        self.path,
                        f"[axes] {name}: none of its {len(values)} values goes with "
                        f"{_listed(named, given)}; choose one, like {name}={shown(values[0])}",
                    )
                left[name] = tuple(values[i] for i in places)
        return left


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


def _listed(names: list[str], values: Mapping[str, Value]) -> str:
    return " and ".join(f"{name} = {shown(values[name])}" for name in names)
