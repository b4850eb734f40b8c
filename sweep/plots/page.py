"""A page: a figure with panels in a lattice, their names and labels, a legend and a title."""

from __future__ import annotations

import math
from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.plots.keys import (
    Colouring,
    Entries,
    colour_bar,
    legend,
    legend_columns,
    legend_height,
)
from sweep.plots.labels import letter, title
from sweep.plots.layout import Lattice
from sweep.plots.style import SMALL

PAGE = 7.2  # the width of a journal's page, in inches
NAME, TITLE, TITLE_LINE = 0.24, 0.1, 0.16  # above the panels
FOOT = 0.42  # below them, for the ticks and the label of x
LEGEND_FOOT = 0.06
BAR, BAR_GAP = 0.11, 0.14  # the thickness of a colour bar, and the space before it


class Page:
    """A figure that takes the width of a page, unless its panels are `narrowest` or `widest`.

    The panels are the first `count` slots of a lattice; all lengths are in inches. height: of a
    panel, from its width. sides: the left and the right margin. gaps: across and between the
    panels. head, foot: the margins for what belongs to the panels; a title and a legend, below the
    middle of the panels, have margins of their own.
    """

    def __init__(
        self,
        count: int,
        columns: int,
        height: Callable[[float], float],
        sides: tuple[float, float],
        gaps: tuple[float, float],
        *,
        heading: str = "",
        entries: Entries | None = None,
        head: float = NAME,
        foot: float = FOOT,
        narrowest: float = 0.0,
        widest: float = math.inf,
    ) -> None:
        (left, right), (across, between) = sides, gaps
        fitting = (PAGE - left - right - (columns - 1) * across) / columns
        width = max(narrowest, min(widest, fitting))
        inner = columns * width + (columns - 1) * across
        handles = entries or ([], [])
        in_a_row = legend_columns(handles, inner + 2 * min(left, right))
        self.count = count
        self.lattice = Lattice(
            rows=math.ceil(count / columns),
            columns=columns,
            width=width,
            height=height(width),
            left=left,
            right=right,
            top=head + (TITLE + TITLE_LINE * len(heading.splitlines()) if heading else 0.0),
            bottom=foot + legend_height(handles, in_a_row),
            across=across,
            between=between,
        )
        self.figure = Figure(figsize=self.lattice.size)
        title(self.figure, heading)
        legend(self.figure, handles, (left + inner / 2, LEGEND_FOOT), "lower center", in_a_row)

    @property
    def full(self) -> bool:
        """Whether every slot has a panel."""
        return self.count == self.lattice.rows * self.lattice.columns

    @property
    def height(self) -> float:
        """From the lowest panel's foot to the top of the highest one."""
        return self.lattice.size[1] - self.lattice.top - self.lattice.bottom

    def panel(
        self, slot: int, *, below: float = 0.0, above: float = 0.0, boxed: bool = False
    ) -> Axes:
        """The axes of a slot, less so many inches below and above them; or as a closed box."""
        x, y = self.lattice.corner(slot)
        axes = self.place(x, y + below, self.lattice.width, self.lattice.height - below - above)
        axes.spines[["top", "right"]].set_visible(boxed)
        return axes

    def place(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes at a position in inches."""
        return self.lattice.place(self.figure, x, y, width, height)

    def name(self, axes: Axes, slot: int, text: str) -> None:
        """The name of a panel above its left corner, with a letter where there are several."""
        text = f"({letter(slot)}) {text}" if self.count > 1 else text
        axes.set_title(text, loc="left", pad=3, size=SMALL + 1)

    def label(self, axes: Axes, slot: int, x: str, y: str = "", *, one_y: bool = False) -> None:
        """Label the outer panels alone; a panel above an empty slot is an outer one.

        one_y: the panels of a row have the same y, whose ticks are labelled once as well.
        """
        leftmost = slot % self.lattice.columns == 0
        lowest = slot + self.lattice.columns >= self.count
        axes.tick_params(labelleft=leftmost or not one_y, labelbottom=lowest)
        axes.set(xlabel=x if lowest else "", ylabel=y if leftmost else "")

    def bar_at_right(self, colouring: Colouring) -> None:
        """A colour bar in the right margin, as high as the panels."""
        left = self.lattice.size[0] - self.lattice.right + BAR_GAP
        cax = self.place(left, self.lattice.bottom, BAR, self.height)
        colour_bar(self.figure, cax, colouring, "vertical")
