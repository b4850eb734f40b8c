"""The calls that make a picture of rows, `draw` and `save`; `check` says whether it can be made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sweep.plots.filled import sparse_and_filled
from sweep.plots.heatmap import heatmap
from sweep.plots.lines import lines, lines_table
from sweep.plots.origin import About, metadata
from sweep.plots.request import PictureRequest
from sweep.plots.style import style, styled

if TYPE_CHECKING:
    import pandas as pd

# In .pdf and .svg only the cells of a heatmap are pixels; they shall stay sharp in print.
_DOTS_PER_INCH = {".png": 220, ".pdf": 400, ".svg": 400}


@styled
def draw(frame: pd.DataFrame, request: PictureRequest) -> Figure:
    """The picture of rows; `frame` has one row for every cell of the grid.

    Columns: the parameters, `status` (null or any unknown word where a cell is not computed yet)
    and the column `request.value`. Raises UsageError.
    """
    figure = heatmap(frame, request) if request.y is not None else lines(frame, request)
    if request.dpi is not None:
        figure.set_dpi(request.dpi)
    return figure


def check(frame: pd.DataFrame, request: PictureRequest) -> None:
    """Raise the UsageError that `draw` would raise."""
    if request.y is None:
        lines_table(frame, request)
    else:
        sparse_and_filled(frame, request)


def save(figure: Figure, path: Path, dpi: int | None = None, *, told: About | None = None) -> None:
    """Write a figure as a file of its ending's kind, with so many dots per inch or as usual.

    told: what it says of its own making, see `origin.about`.
    """
    suffix = path.suffix.lower()
    with style():
        figure.savefig(
            path,
            format=suffix[1:],
            dpi=dpi or _DOTS_PER_INCH[suffix],
            metadata=metadata(suffix, told or {}),
        )
