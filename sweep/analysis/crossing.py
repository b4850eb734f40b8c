"""Where on an edge between two cells the boundary lies, by what is continuous there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweep.grid.axes import Axis
from sweep.grid.refinement.lines import MIDDLE, Node
from sweep.grid.refinement.panels import Panel, Refined
from sweep.grid.refinement.settings import STATUS
from sweep.models.parameters import Value, canonical, number
from sweep.models.status import REACHED
from sweep.ode.arrays import Floats, Index


def progress_of(refined: Refined, panel: Panel, rows: pd.DataFrame) -> Floats:
    """On every point what is continuous and vanishes on the boundary, NaN where nothing is.

    Of the status that is log(time / window), which is known where the target is reached; of a
    column with a level the column over its level.
    """
    settings, model = refined.settings, refined.grid.model
    values = np.full(len(panel.search.labels), np.nan)
    if refined.seeds > 1 or (settings.by == STATUS and model.window not in rows):
        return values
    mine = np.ones(len(rows), dtype=np.bool_)
    for name, code in panel.at.items():
        mine &= (rows[name] == _stored(refined.grid.axes[name].values[code])).to_numpy()
    rows = rows[mine]
    points = panel.search.points()
    points = points[panel.inside(points)]
    if len(points) != len(rows):
        return values
    rows = rows.sort_values(list(refined.axes), kind="stable")
    with np.errstate(all="ignore"):
        if settings.by == STATUS:
            time = rows["time_to_target"].to_numpy(dtype=np.float64)
            found = np.log(time / rows[model.window].to_numpy(dtype=np.float64))
            values[points] = np.where(rows["status"] == REACHED.word, found, np.nan)
        elif settings.level is not None and settings.by in rows:
            column = rows[settings.by].to_numpy(dtype=np.float64)
            positive = settings.level > 0 and np.nanmin(column, initial=np.inf) > 0
            values[points] = (
                np.log(column / settings.level) if positive else column - settings.level
            )
    return values


def _stored(value: Value) -> Value:
    """A value as the results have it."""
    return canonical(value) if isinstance(value, tuple) else value


MOST_BENT = 0.25
"""Beyond the last cell on a side a line is drawn on, where its slope changes by less than this part
from cell to cell; what grows without bound towards the boundary is none."""


@dataclass(frozen=True)
class Placed:
    """Where on its edge the boundary lies. progress: of `progress_of`. stride: of the edges."""

    refined: Refined
    panel: Panel
    progress: Floats
    stride: int

    def point(self, node: Node) -> Mapping[str, object]:
        """The coordinates of a point of a line, and how far off it may be along which axis."""
        begin, axis = node
        at = self.refined.lattice.places(np.array([begin], dtype=np.int64))[0]
        found: dict[str, object] = {}
        widths = []
        for other, name in enumerate(self.refined.axes):
            steps = self._along(name, at[other])
            moved = axis in (other, MIDDLE)
            if not moved:
                found[name] = float(steps[0])
                continue
            part = self._part(begin, axis, at) if axis != MIDDLE else 0.5
            value = _between(steps, part, self.refined.all_axes[name])
            found[name] = value
            widths.append(max(value - float(steps[0]), float(steps[1]) - value))
        names = self.refined.axes
        found["along"] = ", ".join(names) if axis == MIDDLE else names[axis]
        found["half_width"] = max(widths)
        return found

    def _along(self, name: str, at: int) -> Floats:
        values = self.refined.all_axes[name].values
        last = min(int(at) + self.stride, len(values) - 1)
        return numbers([values[int(at)], values[last]])

    def _part(self, begin: int, axis: int, at: Index) -> float:
        """Which part of the edge lies before the boundary, by what is continuous there."""
        lattice = self.refined.lattice
        step = int(np.prod(lattice.shape[axis + 1 :])) * self.stride
        first, last = self.progress[begin], self.progress[begin + step]
        if np.isfinite(first) and np.isfinite(last):
            return _zero(first, last - first)
        before = int(at[axis]) // self.stride
        after = (lattice.shape[axis] - 1 - int(at[axis])) // self.stride - 1
        if np.isfinite(first):
            points = begin - step * np.arange(min(before, 2) + 1)
            return _zero(first, -_slope(self.progress[points]))
        points = begin + step * (1 + np.arange(min(after, 2) + 1))
        return _zero(last, _slope(self.progress[points]), start=1.0)


def _slope(values: Floats) -> float:
    """Of up to three values from a boundary inwards, NaN where they are not on a line nearly."""
    steps = np.diff(values)
    if len(steps) == 0:
        return np.nan
    if len(steps) == 2 and abs(steps[1] - steps[0]) > MOST_BENT * abs(steps[0]):
        return np.nan
    return float(steps[0])


def _zero(value: float, slope: float, start: float = 0.0) -> float:
    """Where a line with this value at `start` vanishes between 0 and 1; the middle if nowhere."""
    if not np.isfinite(slope) or slope == 0:
        return 0.5
    part = start - value / slope
    return float(part) if 0.0 <= part <= 1.0 else 0.5


def _between(ends: Floats, part: float, axis: Axis) -> float:
    if axis.spacing == "log":
        return float(np.exp(np.log(ends[0]) + part * (np.log(ends[1]) - np.log(ends[0]))))
    return float(ends[0] + part * (ends[1] - ends[0]))


def numbers(values: Sequence[Value]) -> Floats:
    """The values of an axis of numbers."""
    return np.array([number(value) for value in values], dtype=np.float64)
