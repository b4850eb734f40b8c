"""Where panels stand on a page, in inches.

Computed rather than solved for: matplotlib's constrained layout draws the figure several times
over, which costs more than everything else together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLANK = 0.2  # what an empty slot costs, against the shape of the whole
SHAPE = 1.7  # the preferred ratio of columns to rows


def arrangement(count: int, most_columns: int = 100) -> tuple[int, int]:
    """(rows, columns) for so many panels: few empty slots, somewhat wider than high."""
    fewest_rows = math.ceil(count / most_columns)

    def cost(rows: int) -> float:
        columns = math.ceil(count / rows)
        blank = rows * columns - count
        return BLANK * blank + abs(math.log(columns / rows / SHAPE))

    rows = min(range(fewest_rows, count + 1), key=cost)
    return rows, math.ceil(count / rows)


@dataclass(frozen=True)
class Lattice:
    """Slots of one size in rows and columns, with margins around; all lengths in inches."""

    rows: int
    columns: int
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    across: float
    between: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the figure."""
        return (
            self.left + self.columns * self.width + (self.columns - 1) * self.across + self.right,
            self.bottom + self.rows * self.height + (self.rows - 1) * self.between + self.top,
        )

    def corner(self, slot: int) -> tuple[float, float]:
        """The lower left corner of a slot, counted row by row from the upper left."""
        row, column = divmod(slot, self.columns)
        return (
            self.left + column * (self.width + self.across),
            self.bottom + (self.rows - 1 - row) * (self.height + self.between),
        )

    def place(self, figure: Figure, x: float, y: float, width: float, height: float) -> Axes:
        """Axes at a position in inches."""
        w, h = self.size
        return figure.add_axes((x / w, y / h, width / w, height / h))


def size_of(axes: Axes) -> tuple[float, float]:
    """The width and the height of axes in inches."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    width, height = axes.get_position().size * figure.get_size_inches()
    return float(width), float(height)
