"""A page: a figure with panels in a lattice, their names and labels, a legend and a title."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

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
from sweep.plots.labels import letter, title, wrapped
from sweep.plots.layout import Lattice
from sweep.plots.style import SMALL

PAGE = 7.2  # the width of a journal's page, in inches
NAME, TITLE, TITLE_LINE = 0.24, 0.06, 0.2  # above the panels
TITLE_LETTER = 0.076  # inches
LABEL_LETTER, LABEL_LINE = 0.062, 0.15  # of a label at a side
BESIDE_PANEL, BESIDE_BAR = 0.4, 0.8  # by which it may be longer than what it belongs to
FOOT = 0.42  # below them, for the ticks and the label of x
LEGEND_FOOT = 0.06
BAR, BAR_GAP = 0.11, 0.14  # the thickness of a colour bar, and the space before it

LEAST = 0.3  # no panel is narrower, however many there are to a page
ROW_NAME = 0.2  # what the names of rows take at the right


def panel_width(
    columns: int,
    sides: tuple[float, float],
    across: float,
    page: float | None = None,
    narrowest: float = 0.0,
    widest: float = math.inf,
) -> float:
    """The width of so many panels beside one another; they fill a page whose width is given."""
    fitting = ((page or PAGE) - sum(sides) - (columns - 1) * across) / columns
    if page is not None:
        return max(LEAST, fitting)
    return max(narrowest, min(widest, fitting))


def beside(text: str, height: float, overhang: float = BESIDE_PANEL) -> str:
    """A label at a side of so many inches, in as many lines as it needs."""
    return wrapped(text, int((height + overhang) / LABEL_LETTER))


def room_beside(text: str, height: float, overhang: float = BESIDE_PANEL) -> float:
    """The inches that such a label takes beyond those of a single line."""
    return LABEL_LINE * beside(text, height, overhang).count("\n")


class Page:
    """A figure that takes the width of a page, unless its panels are `narrowest` or `widest`.

    The panels are the first `count` slots of a lattice; all lengths are in inches. height: of a
    panel, from its width. sides: the left and the right margin. gaps: across and between the
    panels. head, foot: the margins for what belongs to the panels; a title and a legend, below the
    middle of the panels, have margins of their own. width: of the page, which panels then fill.
    blank: slots that have no panel.
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
        width: float | None = None,
        blank: Collection[int] = (),
    ) -> None:
        (left, right), (across, between) = sides, gaps
        width = panel_width(columns, sides, across, width, narrowest, widest)
        inner = columns * width + (columns - 1) * across
        heading = wrapped(heading, int((left + inner + right) / TITLE_LETTER))
        handles = entries or ([], [])
        in_a_row = legend_columns(handles, inner + 2 * min(left, right))
        self.count = count
        self.blank = frozenset(blank)
        self.rows_are_named = False
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

    def name(self, axes: Axes, slot: int, text: str, above: float = 0.0) -> None:
        """The name of a panel above its left corner, with a letter where there are several.

        above: inches for what else stands above the panel.
        """
        place = slot - sum(blank < slot for blank in self.blank)
        text = f"({letter(place)}) {text}".strip() if self.count > 1 else text
        axes.set_title(text, loc="left", pad=3 + 72 * above, size=SMALL + 1)

    def label(self, axes: Axes, slot: int, x: str, y: str = "", *, one_y: bool = False) -> None:
        """Label the outer panels alone; a panel above an empty slot is an outer one.

        one_y: the panels of a row have the same y, whose ticks are labelled once as well.
        """
        columns = self.lattice.columns
        leftmost = not self._has_panel(range(slot - slot % columns, slot))
        lowest = not self._has_panel(range(slot + columns, self.count, columns))
        axes.tick_params(labelleft=leftmost or not one_y, labelbottom=lowest)
        axes.set(xlabel=x if lowest else "", ylabel=y if leftmost else "")

    def _has_panel(self, slots: Iterable[int]) -> bool:
        return any(slot not in self.blank for slot in slots)

    def name_rows(self, names: Sequence[str], beside: float = 0.0) -> None:
        """Name the rows of a matrix of panels, so many inches beside their right ends."""
        self.rows_are_named = any(names)
        right = self.lattice.size[0] - self.lattice.right + beside
        for row, name in enumerate(names):
            _, y = self.lattice.corner(row * self.lattice.columns)
            middle = y + self.lattice.height / 2
            self._write(right + ROW_NAME / 2, middle, name, rotation=270, va="center")

    def name_columns(self, names: Sequence[str], above: float) -> None:
        """Name the columns of a matrix of panels, so many inches above the first panels."""
        for column, name in enumerate(names):
            x, y = self.lattice.corner(column)
            self._write(
                x + self.lattice.width / 2, y + self.lattice.height + above, name, va="bottom"
            )

    def _write(self, x: float, y: float, text: str, **options: Any) -> None:
        width, height = self.lattice.size
        self.figure.text(x / width, y / height, text, ha="center", size=SMALL + 1, **options)

    def bar_at_right(self, colouring: Colouring) -> None:
        """A colour bar in the right margin, as high as the panels."""
        room = ROW_NAME if self.rows_are_named else 0.0
        left = self.lattice.size[0] - self.lattice.right + BAR_GAP + room
        cax = self.place(left, self.lattice.bottom, BAR, self.height)
        told = replace(colouring, label=beside(colouring.label, self.height, BESIDE_BAR))
        colour_bar(self.figure, cax, told, "vertical")
