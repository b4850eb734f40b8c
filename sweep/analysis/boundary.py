"""The boundary of a phase diagram, as points on lines, and what its probes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta

from sweep.analysis.crossing import Placed
from sweep.errors import UsageError, Warn
from sweep.grid import Grid
from sweep.grid.axes import Axis
from sweep.grid.refinement.boxes import NEITHER
from sweep.grid.refinement.lines import polylines
from sweep.grid.refinement.panel import Panel
from sweep.grid.refinement.panels import Refined
from sweep.grid.refinement.settings import SEED, STATUS, Refinement
from sweep.models.parameters import number
from sweep.models.status import Status
from sweep.store.folder import Folder
from sweep.store.known import none_yet
from sweep.store.refined import BELOW, Answers
from sweep.store.schema import in_column

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Boundary:
    """points: a row a point, in the order of the lines. probes: what is to be said of them.

    complete: whether the search for it has come to its end. grid: of which it is, with the axes on
    which it was looked for.
    """

    points: pd.DataFrame
    probes: Probes
    complete: bool
    grid: Grid


@dataclass(frozen=True)
class Probes:
    """Random cells away from the boundary, and how many of them were on another side."""

    number: int
    contradicted: int

    @property
    def bound(self) -> float:
        """With CONFIDENCE, the part of the area that was labelled wrongly is less than this."""
        if self.number == 0:
            return 1.0
        if self.contradicted >= self.number:
            return 1.0
        return float(beta.ppf(CONFIDENCE, self.contradicted + 1, self.number - self.contradicted))

    def statement(self) -> str:
        """What they say of islands that may have been missed."""
        if not self.number:
            return "no probes, so islands between the coarse cells may have been missed"
        found = f"{self.contradicted:,}" if self.contradicted else "none"
        then = ", from which the search went on" if self.contradicted else ""
        return (
            f"{self.number:,} probes, {found} contradicted{then}: with {100 * CONFIDENCE:.0f} % "
            f"confidence less than {_percent(self.bound)} of the area "
            f"{'was' if self.contradicted else 'is'} labelled wrongly"
        )


def _percent(part: float) -> str:
    """Rounded upwards, to two digits."""
    digits = max(1 - int(np.floor(np.log10(100 * part))), 0) if part > 0 else 0
    return f"{np.ceil(100 * part * 10**digits) / 10**digits:.{digits}f} %"


def boundary(grid: Grid, folder: Folder, warn: Warn, on: Sequence[str] = ()) -> Boundary:
    """The boundary as far as it is computed. Raises UsageError where nothing is.

    on: the axes of a plain grid on which it is looked for; by default those of its picture.
    """
    grid = with_axes(grid, on)
    answers, refined = Answers(grid, folder, warn), Refined(grid)
    if not answers:
        raise UsageError(none_yet(grid, folder))
    refined.go_on(answers)
    parts = [_of_panel(refined, panel, answers) for panel in refined.panels]
    searches = [panel.search for panel in refined.panels]
    told = [s.labels[s.probes] for s in searches]
    probes = Probes(
        sum(int(np.count_nonzero(labels >= 0)) for labels in told),
        sum(len(s.contradicted) for s in searches),
    )
    return Boundary(pd.concat(parts, ignore_index=True), probes, refined.finished, grid)


def with_axes(grid: Grid, on: Sequence[str] = ()) -> Grid:
    """The grid itself; a plain one as the refinement of no level over the axes of its picture."""
    if grid.refine is not None:
        return grid
    pictured = (grid.plot.x, grid.plot.y, *grid.model.preferred_axes, *grid.axes)
    drawn: Sequence[str | None] = on or pictured
    zipped = {SEED, *(name for group in grid.zipped for name in group)}
    likely = dict.fromkeys(name for name in drawn if name and name not in zipped)
    names = [n for n in likely if n in grid.axes and _is_ascending(grid.axes[n])][:2]
    if not names:
        raise UsageError(f"{grid.place}: has no axis of ascending numbers to find a boundary on")
    return grid.replaced(refine=Refinement(0, {name: grid.axes[name] for name in names}))


def _is_ascending(axis: Axis) -> bool:
    values = axis.values
    if not all(isinstance(v, int | float) and np.isfinite(v) for v in values):
        return False
    return len(values) > 1 and bool(np.all(np.diff(np.array(list(map(number, values)))) > 0))


def _of_panel(refined: Refined, panel: Panel, answers: Answers) -> pd.DataFrame:
    """The points of one panel."""
    search, lattice = panel.search, refined.lattice
    level = max(search.found, default=None)
    parameters = {parameter.name: parameter for parameter in refined.grid.model.parameters}
    named = {
        name: in_column(refined.grid.axes[name].values[code], parameters[name])
        for name, code in panel.at.items()
    }
    empty = pd.DataFrame(columns=[*named, "between", "line", *refined.axes, "along", "half_width"])
    if level is None:
        return empty
    edges, brackets = panel.edges, panel.brackets
    if edges is None or brackets is None:
        edges = panel.crossings(level)
        brackets = panel.bracketed(edges, answers, level=level)
    place = Placed(refined, edges, brackets, lattice.stride(level))
    if len(lattice.counts) == 2:
        lines = polylines(lattice, search.found[level], search.labels, level)
    else:
        lines = {}
        for begin, end, axis in zip(edges.begin, edges.end, edges.axis, strict=True):
            pair = sorted((int(search.labels[begin]), int(search.labels[end])))
            lines.setdefault((pair[0], pair[1]), []).append([(int(begin), int(axis))])
    found_rows = [
        {
            **named,
            "between": " | ".join(word(side, refined.settings) for side in pair),
            "line": line,
            **place.point(node),
        }
        for pair, chains in lines.items()
        for line, chain in enumerate(chains)
        for node in chain
    ]
    return pd.DataFrame(found_rows, columns=empty.columns) if found_rows else empty


def word(label: int, settings: Refinement) -> str:
    """A side of the boundary, in words."""
    if label == NEITHER:
        return "neither"
    if settings.by == STATUS:
        return Status(label).word
    if settings.level is None:
        return str(label - 1) if label else "no value"
    return {BELOW: "below", BELOW + 1: "above"}.get(label, "no value")
