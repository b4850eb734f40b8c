"""The picture of a grid, for those who call from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sweep.errors import LOG
from sweep.grid import Grid
from sweep.grid.drawing import PlotScale
from sweep.grid.plain import plain
from sweep.models.seeds import Statistic
from sweep.plots.picture import Choices, picture
from sweep.store.folder import Folder

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    grid: Grid,
    results: str | Path = "results",
    *,
    x: str | None = None,
    y: str | None = None,
    facet: str | None = None,
    series: str | None = None,
    value: str | None = None,
    rows: str | None = None,
    columns: str | None = None,
    statistic: Statistic | None = None,
    where: Mapping[str, object] | None = None,
    quantiles: Sequence[float] | None = None,
    limits: Sequence[float] | None = None,
    scale: PlotScale | None = None,
    contours: Sequence[float] | float | None = None,
    boundary: bool | None = None,
    level: float | None = None,
    width: float | None = None,
    dpi: int | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """The picture of a grid, from its saved results alone, as far as it is computed.

    Every keyword is a key of the [plot] table of a grid file, and is said there as it is here; what
    is left out is the grid's choice, its `plot`, or else a good guess. x, y, facet, series, rows,
    columns: axes of the grid; with y it is a heatmap, with series there are lines; facet has a
    panel for every value, rows and columns a matrix of panels. value: the column that is drawn, or
    an entry of a list, as "alignment[0]". statistic: what is drawn of several seeds: "median",
    "mean", "spread" or "fraction"; quantiles: between which lines have a band. where: draws only
    the cells with this value of an axis, or with one of a list, each a value (of a spaced axis the
    nearest is meant) or a range, as {"between": [1, 4]}. limits, scale ("log", "linear",
    "symmetric"): of the colours, or of the heights of lines. contours, boundary: level lines of
    heatmaps, and the edge of the reached region. level: a value to compare lines with. width: in
    inches. dpi: dots per inch. labels: what parameters and columns are called.

    The figure is not shown, and pyplot does not know it; `figure.savefig("fig5.pdf")` writes it.
    Raises UsageError, also where no cell is computed.

    >>> figure = plot(grid, results, x="eta_w", y="K", value="error_final")
    >>> figure.axes[0].get_xlabel()
    '$\\\\eta_w$'
    """
    choices = Choices(
        x=x,
        y=y,
        facet=facet,
        series=series,
        value=value,
        rows=rows,
        columns=columns,
        statistic=statistic,
        where=plain(where or {}),
        quantiles=plain(quantiles),
        limits=plain(limits),
        scale=scale,
        contours=plain(contours),
        boundary=boundary,
        level=plain(level),
        width=plain(width),
        dpi=plain(dpi),
        labels=labels,
    )
    return picture(grid, Folder(Path(results), grid.name), choices, LOG.warning)
