"""The finest grid of a refined one: its axes, its lattice, the values of all parameters."""

from __future__ import annotations

import numpy as np

from sweep.grid.grid import Grid
from sweep.grid.refinement.boxes import Lattice
from sweep.grid.refinement.settings import SEED
from sweep.models.parameters import Value, number
from sweep.ode.arrays import Floats, Truths


class Finest:
    """The finest grid of which `grid` is the coarsest level.

    axes: the refined ones, those of the lattice. coordinates: their values. is_log: which of them
    are of ratios. all_axes: these and the others. values: of every parameter.
    """

    def __init__(self, grid: Grid) -> None:
        assert grid.refine is not None
        self.grid, self.settings = grid, grid.refine
        self.axes = tuple(grid.refine.axes)
        counts = tuple(len(grid.axes[name].values) for name in self.axes)
        self.lattice = Lattice(counts, grid.refine.levels)
        self.all_axes = {name: grid.refine.axes.get(name, axis) for name, axis in grid.axes.items()}
        self.values: dict[str, tuple[Value, ...]] = {
            p.name: self.all_axes[p.name].values
            if p.name in self.all_axes
            else (grid.fixed[p.name],)
            for p in grid.model.parameters
        }
        self.coordinates: list[Floats] = [
            np.array([number(value) for value in self.all_axes[name].values]) for name in self.axes
        ]
        self.is_log: Truths = np.array([self.all_axes[n].spacing == "log" for n in self.axes])
        self.seeds = len(grid.axes[SEED].values) if SEED in grid.axes else 1
