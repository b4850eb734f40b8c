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
    """The `[plot]` section; None where the file leaves the choice to `sweep plot`."""

    x: str | None = None
    y: str | None = None
    facet: str | None = None
    series: str | None = None
    value: str | None = None


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

    def single(self, assignments: Mapping[str, str]) -> Cells:
        """The one cell in which the named parameters have the values that the texts say.

        Every axis must be named, have only one value, or be zipped to one that is named. A value
        need not be on its axis, a fixed parameter may be named, and `exclude` does not count.
        """
        parameters = {parameter.name: parameter for parameter in self.model.parameters}
        given = {
            name: _known(parameters, name, self.model).parse(text)
            for name, text in assignments.items()
        }
        chosen = {**self.fixed, **self._follow(given), **given}
        for name, values in self.axes.items():
            if name not in chosen:
                raise GridError(
                    self.path,
                    f"[axes] {name}: has {len(values)} values; "
                    f"choose one, like {name}={shown(values[0])}",
                )
        cells = expand(self.model.parameters, chosen, {})
        check_constraints(self.model, cells)
        return cells

    def _follow(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """The axes that have no choice left once `given` is given."""
        follow: dict[str, Value] = {}
        for factor in product_factors(self.axes, self.zipped):
            named = [name for name in factor if name in given]
            places = [
                i
                for i in range(len(self.axes[factor[0]]))
                if all(self.axes[name][i] == given[name] for name in named)
            ]
            if len(places) == 1:
                follow.update({name: self.axes[name][places[0]] for name in factor})
        return follow


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
