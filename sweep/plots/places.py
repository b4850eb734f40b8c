"""What the panels of a figure show, for those who want to find a cell in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.models.status import StatusCodes
from sweep.ode.arrays import Floats
from sweep.plots.edges import Key, Scale
from sweep.plots.request import PictureRequest
from sweep.plots.table import Table


@dataclass(frozen=True)
class Panel:
    """A panel of cells, or of lines over x.

    of: the values of those axes of which it shows one. x, y: axes of cells, or the one along a line
    and the one that tells lines apart, each with its name; None for an axis that there is not.
    values, status: what is drawn, shape (y, x). categories: what values are positions in, if
    anything. lines: whether they are heights.
    """

    of: Mapping[str, Key]
    x: tuple[str, Scale]
    y: tuple[str | None, Scale]
    values: Floats
    status: StatusCodes
    categories: tuple[str, ...] = ()
    lines: bool = False


def panel_of(request: PictureRequest, table: Table, slot: int) -> Panel:
    """The panel in a slot of the picture of a table."""
    facet = table.facets[slot]
    keys = facet if isinstance(facet, tuple) else (facet,)
    named = zip(request.panel_axes, keys, strict=True)
    of = {name: key for name, key in named if name is not None}
    lines = request.y is None
    y = (request.series if lines else request.y, table.y_scale)
    drawn = (table.values[slot], table.status[slot], table.categories)
    return Panel(of, (request.x, table.x_scale), y, *drawn, lines)


_panels: WeakKeyDictionary[Axes, Panel] = WeakKeyDictionary()


def shows(axes: Axes, panel: Panel) -> None:
    """Remember what axes show."""
    _panels[axes] = panel


def panels_of(figure: Figure) -> list[tuple[Axes, Panel]]:
    """The panels of a figure that are remembered, in the order in which they were drawn."""
    return [(axes, _panels[axes]) for axes in figure.axes if axes in _panels]
