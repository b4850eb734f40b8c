"""The boundary of a grid, for those who call from Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sweep.analysis.boundary import boundary as boundary_of
from sweep.errors import LOG
from sweep.grid import Grid
from sweep.store.folder import Folder

if TYPE_CHECKING:
    import pandas as pd


def boundary(grid: Grid, results: str | Path = "results") -> pd.DataFrame:
    """Where the reached region of a grid ends: points on lines, as far as they are computed.

    A grid with `refine` has the boundary that it asks for there; that of any other is on the axes
    of its picture, and as coarse as its cells. results: the folder that `run` was given.

    There is a row a point, in the order of the lines. Its columns are the axes of the panels;
    `between`, the two outcomes, as "reached | not_reached"; `line`, a number from 0 in every panel
    and for every pair of outcomes; the axes on which the boundary lies, in the units of the grid;
    `along`, the axis on which the point lies between two neighbouring cells; and `half_width`, in
    the units of that axis: the boundary is no further off. Where three outcomes meet `along` names
    all axes. What is to be said beside is in `attrs`: `complete`, whether the search for the
    boundary has come to its end; `probes` and `contradicted`, how many cells away from it were
    checked, and were on another side; `wrong_area_below`, the part of the area that is labelled
    wrongly, with 95 % confidence (1.0 without probes); and the same as a `statement`.

    Raises UsageError where nothing is computed, and for a grid without an axis of ascending
    numbers.

    >>> edge = boundary(grid, results)
    >>> edge[["between", "line", "eta_w", "K", "along", "half_width"]].round(3)
                     between  line  eta_w      K along  half_width
    0  reached | not_reached     0    2.5  2.525     K       0.525
    1  reached | not_reached     0    3.0  2.513     K       0.513
    >>> edge.attrs["complete"], edge.attrs["statement"][:9]
    (True, 'no probes')
    """
    found = boundary_of(grid, Folder(Path(results), grid.name), LOG.warning)
    points = found.points
    points.attrs.update(
        complete=found.complete,
        probes=found.probes.number,
        contradicted=found.probes.contradicted,
        wrong_area_below=found.probes.bound,
        statement=found.probes.statement(),
    )
    return points
