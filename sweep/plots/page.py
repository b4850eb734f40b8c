"""A page: a figure with panels in a lattice, their names and labels, a legend and a title."""

from __future__ import annotations

from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.plots.keys import Colouring, Entries, colour_bar, legend, legend_height
from sweep.plots.labels import letter, title
from sweep.plots.layout import Lattice
from sweep.plots.style import SMALL

NAME, TITLE = 0.24, 0.26  # inches above the panels
FOOT = 0.42  # below them, for the ticks and the label of x
BAR, BAR_GAP = 0.11, 0.14  # the thickness of a colour bar, and the space before it


class Page:
    """A figure whose panels are the first `count` slots of a lattice.

    The legend, where there is one, stands below the middle of the panels, in a margin of its own.
    """

    def __init__(
        self, lattice: Lattice, count: int, heading: str, entries: Entries | None = None
    ) -> None:
        middle = (lattice.left + lattice.size[0] - lattice.right) / 2
        room = 2 * min(middle, lattice.size[0] - middle)
        entries = entries or ([], [])
        self.beneath = legend_height(entries, room)
        self.lattice = replace(
            lattice,
            top=lattice.top + TITLE * bool(heading),
            bottom=lattice.bottom + self.beneath,
        )
        self.count = count
        self.figure = Figure(figsize=self.lattice.size)
        title(self.figure, heading)
        legend(self.figure, entries, middle, 0.06, room)

    def panel(self, slot: int, *, below: float = 0.0, above: float = 0.0) -> Axes:
        """The axes of a slot, less so many inches below and above them."""
        x, y = self.lattice.corner(slot)
        return self.place(x, y + below, self.lattice.width, self.lattice.height - below - above)

    @property
    def height(self) -> float:
        """From the lowest panel's foot to the top of the highest one, in inches."""
        return self.lattice.size[1] - self.lattice.top - self.lattice.bottom

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
