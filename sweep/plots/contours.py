"""Level lines over the cells of a heatmap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import AbstractPathEffect, withStroke

from sweep.ode.arrays import Floats
from sweep.plots.edges import Scale
from sweep.plots.style import INK, SMALL
from sweep.plots.ticks import number_text


def level_lines(axes: Axes, values: Floats, x: Scale, y: Scale, levels: Sequence[float]) -> None:
    """A line with its number where values, shape (y, x), pass a level.

    Between the centres of cells, in the logarithm where all is positive; none beside a cell without
    a value.
    """
    values = values[: y.finite, : x.finite]
    across, upward = x.centres[: x.finite], y.centres[: y.finite]
    if not levels or min(values.shape) < 2:
        return
    shown = np.ma.masked_invalid(values)
    finite = shown.compressed()
    at = np.asarray(levels)
    if finite.size and finite.min() > 0 and at.min() > 0:
        shown, at, finite = np.ma.log(shown), np.log(at), np.log(finite)
    low, high = finite.min(initial=np.inf), finite.max(initial=-np.inf)
    within = [i for i, level in enumerate(at) if low < level < high]
    if not within:
        return
    lines = axes.contour(across, upward, shown, levels=at[within], colors=INK, linewidths=0.7)
    # They cross dark cells as well as pale ones.
    casing: list[AbstractPathEffect] = [withStroke(linewidth=2.0, foreground="white")]
    lines.set_path_effects(casing)
    texts = {float(at[i]): number_text(levels[i], 4) for i in within}
    for text in axes.clabel(lines, fmt=texts, fontsize=SMALL - 1, inline_spacing=2):
        text.set_path_effects(casing)
