"""A panel of coloured cells."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sweep.ode.arrays import Floats
from sweep.plots.colours import HATCH, HATCH_GREY, MISSING_GREY
from sweep.plots.edges import Scale
from sweep.plots.ticks import lay_along


def heat(axes: Axes, x: Scale, y: Scale, rgba: Floats) -> None:
    """Cells over x and y in their colours, shape (y, x, 4); hatched where they are transparent."""
    if np.any(rgba[..., 3] == 0):
        _hatch_ground(axes)
    lay_along(axes, x, "x")
    lay_along(axes, y, "y")
    axes.pcolormesh(x.edges, y.edges, rgba, rasterized=True, antialiased=False, linewidth=0)


def _hatch_ground(axes: Axes) -> None:
    """Hatch the ground of a panel, for cells that are not computed yet.

    As pixels, because viewers draw the tiles of a vector hatch with seams, or solid black.
    """
    axes.patch.set(facecolor=MISSING_GREY, edgecolor=HATCH_GREY, hatch=HATCH, linewidth=0)
    axes.patch.set_rasterized(True)
