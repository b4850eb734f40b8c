"""From a grid file to cells: read, check, expand, identify."""

from sweep.grid.grid import Grid, PlotSettings
from sweep.grid.identity import cell_ids
from sweep.grid.problems import GridError
from sweep.grid.read import read_grid

__all__ = ["Grid", "GridError", "PlotSettings", "cell_ids", "read_grid"]
