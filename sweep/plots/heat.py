"""A panel of coloured cells."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sweep.ode.arrays import Floats, Index
from sweep.plots.colours import HATCH, HATCH_GREY, MISSING_GREY
from sweep.plots.edges import Scale
from sweep.plots.ticks import lay_along

DOTS = 1200
"""So many fit along a side of a panel in print: 3 inches at 400 an inch."""


def heat(axes: Axes, x: Scale, y: Scale, rgba: Floats) -> None:
    """Cells over x and y in their colours, shape (y, x, 4); hatched where they are transparent.

    Of cells that are finer than DOTS the ones in the middle of a dot are drawn.
    """
    (x_edges, columns), (y_edges, rows) = _dots(x), _dots(y)
    rgba = rgba[rows][:, columns]
    if np.any(rgba[..., 3] == 0):
        _hatch_ground(axes)
    lay_along(axes, x, "x")
    lay_along(axes, y, "y")
    axes.pcolormesh(x_edges, y_edges, rgba, rasterized=True, antialiased=False, linewidth=0)


def _dots(scale: Scale) -> tuple[Floats, Index | slice]:
    """The edges of what is drawn along an axis, and which cells that is."""
    if len(scale.keys) <= DOTS:
        return scale.edges, slice(None)
    is_log = scale.spacing == "log"
    along = np.log(scale.edges) if is_log else scale.edges
    edges = np.linspace(along[0], along[-1], DOTS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    cells = np.searchsorted(along, middles, side="right") - 1
    return np.exp(edges) if is_log else edges, cells


def _hatch_ground(axes: Axes) -> None:
    """Hatch the ground of a panel, for cells that are not computed yet.

    As pixels, because viewers draw the tiles of a vector hatch with seams, or solid black.
    """
    axes.patch.set(facecolor=MISSING_GREY, edgecolor=HATCH_GREY, hatch=HATCH, linewidth=0)
    axes.patch.set_rasterized(True)
