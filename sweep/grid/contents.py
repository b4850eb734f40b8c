"""What a grid holds once it is checked: which cells of which model, how solved, how drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sweep.errors import ParameterError
from sweep.grid.axes import Axis
from sweep.grid.expansion import expand
from sweep.grid.expression import Expression
from sweep.grid.problems import Origins
from sweep.grid.refinement.settings import Refinement
from sweep.models.base import Model
from sweep.models.cells import Cells
from sweep.models.parameters import Value, shown


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
class Contents:
    """What a grid file says, or who made a grid in Python, checked and in canonical form.

    name: of the file, without its ending; the results' folder has it too. path: of the file, None
    where there is none. text: what the file says, or would say. fixed: the parameters with one
    value, defaults included. axes: the swept ones, in the order of expansion. zipped: groups of
    axes that advance together. excludes: a cell for which one of these holds is left out.
    refine: of what kind of finer grid this is the coarsest level. origins: which file says what.
    """

    name: str
    path: Path | None
    text: str
    title: str
    model: Model
    fixed: Mapping[str, Value]
    axes: Mapping[str, Axis]
    zipped: tuple[tuple[str, ...], ...]
    excludes: tuple[Expression, ...]
    solver: Mapping[str, Value]
    plot: PlotSettings
    origins: Origins
    refine: Refinement | None = None

    @property
    def place(self) -> str:
        """What a message begins with that speaks of this grid: its file, or else its name."""
        return self.name if self.path is None else str(self.path)

    def place_of(self, section: str, key: str) -> str:
        """The same for a message that speaks of a key, which another file may have said."""
        return str(self.origins.of(section, key))

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
