"""From a grid file to cells: read, check, expand, identify."""

from sweep.grid.axes import Axis
from sweep.grid.grid import Grid, PlotSettings
from sweep.grid.identity import cell_ids
from sweep.grid.problems import GridError
from sweep.grid.read import read_grid
from sweep.grid.shard import Shard

__all__ = ["Axis", "Grid", "GridError", "PlotSettings", "Shard", "cell_ids", "read_grid"]
