"""Bands around lines over several seeds, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from sweep.models.seeds import QUARTILES
from sweep.ode.arrays import Floats
from sweep.plots.colours import Colour
from sweep.plots.edges import Scale
from sweep.plots.request import PictureRequest
from sweep.plots.style import INK
from sweep.plots.table import Table

PALE = 0.18  # how much of its colour a band has


def draw_bands(axes: Axes, table: Table, slot: int, x: Scale, colours: Sequence[Colour]) -> None:
    """What the seeds lie between, pale behind the lines; an endless end is beyond the panel."""
    if table.band is None:
        return
    least, most = axes.get_ylim()
    low, high = (np.clip(end[slot], least, most) for end in table.band)
    for row, colour in enumerate(colours):
        shown = np.isfinite(table.values[slot, row])
        for at, places in _stretches(x):
            axes.fill_between(
                at,
                low[row][places],
                high[row][places],
                where=shown[places],
                color=colour,
                alpha=PALE,
                linewidth=0,
            )


def _stretches(x: Scale) -> list[tuple[Floats, list[int]]]:
    """Where bands are, and of which places; that of an infinite value is as wide as its cell."""
    finite = (x.centres[: x.finite], list(range(x.finite)))
    if x.gap is None:
        return [finite]
    return [finite, (np.array([x.gap[1], x.edges[-1]]), [x.finite, x.finite])]


def heights_of(table: Table) -> Floats:
    """All heights that are drawn; of bands those that lie above 0 where all values do."""
    if table.band is None:
        return table.values
    valued = np.isfinite(table.values)
    ends = np.concatenate([end[valued] for end in table.band])
    if np.all(table.values[valued] > 0):
        ends = ends[ends > 0]
    return np.concatenate([table.values[valued], ends])


def band_patch() -> Patch:
    """A band in the legend."""
    return Patch(facecolor=INK, alpha=PALE, linewidth=0)


def meaning_of_band(request: PictureRequest) -> str:
    """What a band is, in the words of the legend."""
    low, high = request.quantiles or QUARTILES
    by_error = request.statistic == "fraction" or (
        request.statistic == "mean" and request.quantiles is None
    )
    return "± one standard error" if by_error else f"{100 * low:g} % to {100 * high:g} % of seeds"
