"""How many cells the search for a boundary will ask for, level by level."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from sweep.grid.refinement.panel import Panel
from sweep.grid.refinement.panels import Refined

NEW = 0.8
"""Of the new points of a box that is halved, so many are not those of its neighbours on the
boundary as well."""

BENDS = 1.2
"""The length of a boundary of which nothing is known, over that of a straight line."""

AT_A_CROSSING = 6
"""A crossing is bracketed by about so many cells."""


@dataclass(frozen=True)
class Forecast:
    """Cells by level. asked: wanted by what is known; expected: in the end. full: of the finest
    grid. crossings: cells between those of the finest grid, asked for and expected; None where the
    grid wants none."""

    asked: Counter[int]
    expected: Counter[int]
    full: int
    crossings: tuple[int, int] | None = None

    @property
    def to_come(self) -> int:
        """How many cells are expected that nothing known asks for yet."""
        asked, expected = self.crossings or (0, 0)
        return sum(self.expected.values()) + expected - sum(self.asked.values()) - asked

    def facts(self) -> dict[str, int]:
        """What `sweep plan` says of it."""
        levels = {f"expected_at_level_{k}": self.expected[k] for k in sorted(self.expected)}
        cells = sum(self.expected.values())
        if self.crossings is not None:
            levels["expected_at_crossings"] = self.crossings[1]
            cells += self.crossings[1]
        return {**levels, "expected_cells": cells, "full_grid": self.full}


def forecast_of(refined: Refined) -> Forecast:
    """What is to be expected, from the boxes on the boundary at the last level that is known.

    Where none is known, the boundary is expected to cross a panel once.
    """
    asked: Counter[int] = Counter()
    expected: Counter[int] = Counter()
    between = np.zeros(2, dtype=np.int64)
    for panel in refined.panels:
        asked.update(panel.search.asked_at)
        of_levels, boxes = _of_panel(panel, refined)
        expected.update(of_levels)
        between += _at_crossings(panel, boxes)
    times = refined.seeds
    before, after = (times * between).tolist()
    return Forecast(
        Counter({k: n * times for k, n in asked.items()}),
        Counter({k: n * times for k, n in expected.items()}),
        refined.full,
        None if refined.settings.tolerance is None else (before, after),
    )


def _at_crossings(panel: Panel, boxes: float) -> tuple[int, int]:
    """The cells that bracket the crossings, of which there is one a box: asked for, expected."""
    if panel.brackets is None:
        return 0, round(boxes * AT_A_CROSSING)
    asked = len(panel.brackets.asked)
    return asked, asked + len(panel.brackets.pending)


def _of_panel(panel: Panel, refined: Refined) -> tuple[Counter[int], float]:
    """The cells by level, and the number of the finest boxes on the boundary."""
    search, lattice = panel.search, refined.lattice
    counts = Counter(search.asked_at)
    if search.finished or search.probing:
        return counts, len(search.found[lattice.levels])
    axes = len(lattice.counts)
    room = len(search.labels) - sum(counts.values())
    boxes = float(len(search.found[search.level - 1])) if search.level else _crossing(refined)
    for level in range(max(search.level, 1), lattice.levels + 1):
        new = boxes * max(NEW * (3**axes - 2**axes), 1.0)
        if search.rows:
            row = math.prod(lattice.shape[axis] for axis in search.rows)
            columns = math.prod(lattice.shape_at(level)) // math.prod(
                lattice.shape_at(level)[axis] for axis in search.rows
            )
            new = min(boxes, columns / 2) * row
        more = max(round(new) - counts[level], 0)
        more = min(more, room)
        counts[level] += more
        room -= more
        boxes *= 2 ** (axes - 1)
    counts[lattice.levels] += min(search.number_of_probes, room)
    return counts, boxes / 2 ** (axes - 1)


def _crossing(refined: Refined) -> float:
    """The number of coarse boxes on a boundary that crosses a panel, and is no straight line."""
    boxes = refined.lattice.boxes_at(0)
    return BENDS * math.prod(boxes) * sum(1 / n for n in boxes)
