"""From a grid file, or from Python, to cells: read, check, expand, identify.

The public names are loaded when they are first used, so that TAB completion can read a grid file
as text without the models.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = [
    "Axis",
    "Grid",
    "GridError",
    "PlotSettings",
    "Shard",
    "cell_ids",
    "integers",
    "lin",
    "log",
    "read_grid",
]

_HOMES = {
    "sweep.grid.axes": ("Axis",),
    "sweep.grid.contents": ("PlotSettings",),
    "sweep.grid.grid": ("Grid",),
    "sweep.grid.identity": ("cell_ids",),
    "sweep.grid.problems": ("GridError",),
    "sweep.grid.read": ("read_grid",),
    "sweep.grid.shard": ("Shard",),
    "sweep.grid.spacing": ("integers", "lin", "log"),
}

if TYPE_CHECKING:
    from sweep.grid.axes import Axis
    from sweep.grid.contents import PlotSettings
    from sweep.grid.grid import Grid
    from sweep.grid.identity import cell_ids
    from sweep.grid.problems import GridError
    from sweep.grid.read import read_grid
    from sweep.grid.shard import Shard
    from sweep.grid.spacing import integers, lin, log
else:  # out of sight of type checkers, for which it would make any name one of this room's

    def __getattr__(name: str) -> object:
        """Load a public name when it is first used."""
        for home, names in _HOMES.items():
            if name in names:
                value = globals()[name] = getattr(import_module(home), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
