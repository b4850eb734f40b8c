"""The picture of a grid, for those who call from Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sweep.errors import LOG
from sweep.grid import Grid
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
    statistic: Statistic = "median",
    where: Mapping[str, object] | None = None,
) -> Figure:
    """The picture of a grid, from its saved results alone, as far as it is computed.

    x, y, facet, series: axes of the grid; with y it is a heatmap, with series there are lines.
    value: the column that is drawn, or an entry of a list, as "alignment[0]". statistic: what is
    drawn of several seeds: "median", "spread" or "fraction". where: draws only the cells with this
    value of an axis, or with one of a list of values. What is left out is the grid's choice, its
    `plot`, or else a good guess.

    The figure is not shown, and pyplot does not know it; `figure.savefig("fig5.pdf")` writes it.
    Raises UsageError, also where no cell is computed.

    >>> figure = plot(grid, results, x="eta_w", y="K", value="error_final")
    >>> figure.axes[0].get_xlabel()
    '$\\\\eta_w$'
    """
    chosen = {name: _several(value) for name, value in (where or {}).items()}
    choices = Choices(x, y, facet, series, value, statistic, chosen)
    return picture(grid, Folder(Path(results), grid.name), choices, LOG.warning)


def _several(given: object) -> list[object]:
    """A value, or the values of a list; a matrix is a list of lists, and one value."""
    values = plain(given)
    if isinstance(values, list) and not all(isinstance(value, list) for value in values):
        return values
    return [values]
