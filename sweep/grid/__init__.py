"""From a grid file, or from Python, to cells: read, check, expand, identify."""

from sweep.grid.axes import Axis
from sweep.grid.contents import PlotSettings
from sweep.grid.grid import Grid
from sweep.grid.identity import cell_digests, cell_ids
from sweep.grid.problems import GridError
from sweep.grid.read import read_grid
from sweep.grid.shard import Shard
from sweep.grid.spacing import integers, lin, log

__all__ = [
    "Axis",
    "Grid",
    "GridError",
    "PlotSettings",
    "Shard",
    "cell_digests",
    "cell_ids",
    "integers",
    "lin",
    "log",
    "read_grid",
]
