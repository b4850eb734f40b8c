"""Phase diagrams of learning dynamics: a grid file becomes cells, trajectories, rows, pictures.

From Python: `read_grid` or `Grid` with `lin`, `log` and `integers` make a grid; `run` computes it;
`load`, `dataset` and `plot` show what is computed; `boundary` tells where its reached region ends,
and `follow` the course of one cell. What a user can put right is raised as a UsageError. Each of
these is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Grid",
    "GridError",
    "ParameterError",
    "RunReport",
    "UsageError",
    "__version__",
    "boundary",
    "dataset",
    "follow",
    "integers",
    "lin",
    "load",
    "log",
    "plot",
    "read_grid",
    "run",
]

_HOMES = {
    "sweep.analysis.edge": ("boundary",),
    "sweep.analysis.follow": ("follow",),
    "sweep.errors": ("ParameterError", "UsageError"),
    "sweep.grid": ("Grid", "GridError", "integers", "lin", "log", "read_grid"),
    "sweep.plots.plot": ("plot",),
    "sweep.runner.run": ("RunReport", "run"),
    "sweep.store.dataset": ("dataset",),
    "sweep.store.load": ("load",),
}


if TYPE_CHECKING:
    from sweep.analysis.edge import boundary
    from sweep.analysis.follow import follow
    from sweep.errors import ParameterError, UsageError
    from sweep.grid import Grid, GridError, integers, lin, log, read_grid
    from sweep.plots.plot import plot
    from sweep.runner.run import RunReport, run
    from sweep.store.dataset import dataset
    from sweep.store.load import load
else:  # out of sight of type checkers, for which it would make any name one of sweep's

    def __getattr__(name: str) -> object:
        """Load a public name when it is first used."""
        for home, names in _HOMES.items():
            if name in names:
                value = globals()[name] = getattr(import_module(home), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
