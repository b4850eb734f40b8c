"""The colours of values and of statuses.

Times run from a pale aqua (short) to a dark blue (long) in even steps of lightness. The map holds
nothing warm: yellow, red and grey are left to the statuses, in colour, to the colour-blind and,
by way of the lightness, in print.
"""

from __future__ import annotations

import numpy as np
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm, Normalize, to_rgba
from numpy.typing import NDArray

from sweep.models.seeds import ABSENT
from sweep.models.status import DIVERGED, FAILED, MISSING, NOT_REACHED, REACHED, Status
from sweep.ode.arrays import Floats
from sweep.plots.edges import LEAST, MOST

Colour = tuple[float, float, float, float]

YELLOW = "#ffdf3d"
MISSING_GREY = "#d8d8d8"
HATCH_GREY = "#979797"
HATCH = "//////"
STATUS_COLOURS: dict[int, str] = {
    REACHED: "#2f8fa3",
    NOT_REACHED: YELLOW,
    DIVERGED: "#b3262e",
    FAILED: "#111111",
    MISSING: MISSING_GREY,
    ABSENT: "#ffffff",
}
STATUS_WORDS: dict[int, str] = {
    **{status: status.text for status in Status},
    MISSING: "missing",
}
NO_VALUE = "#f4ece4"  # answered, but without an entry in the column that is drawn

SPAN_FOR_LOG = 4.0

# For things without an order; the first two are told apart by anyone, the rest by most.
DISTINCT = ("#016d96", "#d55e00", "#009e73", "#b0579a", "#20244d", "#8a8a8a", "#6bb7e8", "#7a4b1e")

# Even steps of CIELAB lightness from 80 to 14, the hue from 172° (green-blue) to 298° (violet). The
# pale end stays darker than the yellow, so that the two differ in a greyscale print as well.
_ANCHORS = (
    "#8ed4be",
    "#64bfb8",
    "#36a9b1",
    "#0691a8",
    "#047999",
    "#036289",
    "#014b79",
    "#163464",
    "#1f1f49",
)
SEQUENTIAL: Colormap = LinearSegmentedColormap.from_list("tide", list(_ANCHORS))
SEQUENTIAL_R: Colormap = SEQUENTIAL.reversed()


def norm_of(values: Floats) -> Normalize:
    """A colour scale for all finite `values`: logarithmic where they are positive and span enough.

    Zeros (a target met at the start) do not count against the logarithm; they take its low end.
    """
    finite = values[np.isfinite(values)]
    positive = finite[finite > 0]
    if finite.size == 0:
        return Normalize(0.0, 1.0)
    low, high = np.clip([finite.min(), finite.max()], -MOST, MOST).tolist()
    least = max(float(positive.min(initial=MOST)), LEAST)
    if low >= 0 and high >= SPAN_FOR_LOG * least:
        return LogNorm(least, high, clip=True)
    if low == high:
        pad = abs(low) / 10 or 1.0
        return Normalize(low - pad, high + pad)
    return Normalize(low, high)


def status_rgba(bare: str = NO_VALUE) -> Floats:
    """The colour of every status, shape (statuses, 4); see `paint`."""
    table = np.array([to_rgba(STATUS_COLOURS[code]) for code in range(ABSENT + 1)])
    table[REACHED] = to_rgba(bare)
    table[MISSING, 3] = 0.0
    return table


def paint(
    values: Floats, status: NDArray[np.int8], norm: Normalize, cmap: Colormap, bare: str = NO_VALUE
) -> Floats:
    """RGBA of every cell, shape (…, 4): from its value, or from its status where it has none.

    Cells not computed are transparent, so that the hatched ground of the panel shows through.
    bare: the colour of a cell that reached the target but has no value.
    """
    rgba = status_rgba(bare)[status]
    valued = np.isfinite(values)
    if isinstance(norm, LogNorm):
        values = np.maximum(values, norm.vmin or 0.0)
    rgba[valued] = cmap(norm(values[valued]))
    return rgba


def of_lines(count: int, *, ordered: bool = False) -> list[Colour]:
    """Distinct colours for a few things; in order, from light to dark, for more or `ordered` ones.

    A single line has the first of the distinct ones.
    """
    if count == 1 or (count <= len(DISTINCT) and not ordered):
        return [to_rgba(colour) for colour in DISTINCT[:count]]
    return [tuple(colour) for colour in SEQUENTIAL(np.linspace(0.25, 1.0, count))]
