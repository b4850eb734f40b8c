"""What a picture shall show, in the words of a grid file's [plot] table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweep.grid import Axis
    from sweep.grid.drawing import PlotScale
    from sweep.models.base import Column
    from sweep.models.parameters import Value
    from sweep.models.seeds import Statistic


Lines = Mapping[object, Sequence[tuple[Sequence[float], Sequence[float]]]]
"""For the key of a facet, places on x and y."""


@dataclass(frozen=True)
class PictureRequest:
    """A heatmap over `x` and `y`, or lines over `x` where `y` is None.

    named: the grid, where its title does not speak of what is drawn.
    axes: every axis of the grid with all its values, so that a half-finished grid has its full
    extent. facet: one panel a value. series: one line a value. where: rows to keep, as axis ->
    values. symbols: the LaTeX symbol of a parameter. level: a value that lines are compared with;
    by default the target error, where errors are drawn. at_times: the axis that ends the window,
    where it says at which times the error of trajectories without a target is drawn. statistic:
    what is drawn of several seeds (see `summary`). levels: how often the boxes of an axis were
    halved, where not all of its cells are there. lines: to draw over the panel of a facet's value.
    """

    axes: Mapping[str, Axis]
    x: str
    y: str | None = None
    facet: str | None = None
    series: str | None = None
    value: str = "time_to_target"
    title: str = ""
    named: str = ""
    symbols: Mapping[str, str] = field(default_factory=dict)
    time_symbol: str = r"\alpha"
    statistic: Statistic = "median"
    where: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    level: float | None = None
    at_times: str | None = None
    levels: Mapping[str, int] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)
    columns: Mapping[str, Column] = field(default_factory=dict)
    """What the model says of its own columns."""
    rows: str | None = None
    columns_of: str | None = None
    """The axes of a matrix of panels; one of them may be left out."""
    quantiles: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None
    scale: PlotScale | None = None
    contours: tuple[float, ...] = ()
    boundary: bool = False
    width: float | None = None
    dpi: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    """As in the [plot] table of a grid (see `PlotSettings`)."""

    @property
    def parts(self) -> dict[str, str | None]:
        """The axes of the picture, by the words of a grid file."""
        return {
            "x": self.x,
            "y": self.y,
            "facet": self.facet,
            "series": self.series,
            "rows": self.rows,
            "columns": self.columns_of,
        }

    @property
    def is_matrix(self) -> bool:
        """Whether the panels stand in rows and columns that mean something."""
        return self.rows is not None or self.columns_of is not None

    @property
    def panel_axes(self) -> tuple[str | None, ...]:
        """The axes that tell panels apart, as the facets of a table do."""
        return (self.rows, self.columns_of) if self.is_matrix else (self.facet,)
