"""Made-up diagrams: a label for every point of the unit square, as arrays of places from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sweep.grid.refinement.boxes import Labels, Lattice
from sweep.grid.refinement.search import Search
from sweep.ode.arrays import Floats

Diagram = Callable[..., Floats]


def disc(x: Floats, y: Floats) -> Floats:
    return (x - 0.47) ** 2 + (y - 0.52) ** 2 < 0.29**2


def islands(x: Floats, y: Floats) -> Floats:
    small = (x - 0.83) ** 2 + (y - 0.21) ** 2 < 0.09**2
    return disc(x, y) + 2 * small


def spiral(x: Floats, y: Floats) -> Floats:
    radius, angle = np.hypot(x - 0.5, y - 0.5), np.arctan2(y - 0.5, x - 0.5)
    return np.sin(angle + 40 * radius) > 0


def wedge(x: Floats, y: Floats) -> Floats:
    """It begins wider than a coarse box and ends in a point."""
    return (np.abs(y - 0.53) < 0.1 * (1 - x)) & (x > 0)


def three_phases(x: Floats, y: Floats) -> Floats:
    angle = np.arctan2(y - 0.513, x - 0.487)
    return np.floor((angle + np.pi) / (2 * np.pi / 3 + 1e-9))


def fractal(x: Floats, y: Floats) -> Floats:
    """Whether the points stay in Julia's set for a while."""
    z = 3 * (x - 0.5) + 3j * (y - 0.5)
    with np.errstate(all="ignore"):
        for _ in range(30):
            z = z * z - 0.7 + 0.3j
    return np.abs(z) < 2


DIAGRAMS: dict[str, Diagram] = {
    f.__name__: f for f in (disc, islands, spiral, wedge, three_phases, fractal)
}


def whole(diagram: Diagram, lattice: Lattice) -> Labels:
    """The labels of all points."""
    axes = [np.linspace(0.0, 1.0, n) for n in lattice.shape]
    labels = np.asarray(diagram(*np.meshgrid(*axes, indexing="ij")), dtype=np.int32)
    return labels.reshape(-1)


def finished(search: Search, labels: Labels) -> Search:
    """The search, told all that it asks for."""
    while not search.finished:
        search.tell(labels[search.pending])
    return search
