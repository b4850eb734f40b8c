"""Feature weights before, during and after runs, with the test error.

"During" is half way to the target.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.cell import real
from sweep.models.fourier.pictures import Runs
from sweep.models.fourier.run import Run
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.ode.arrays import Floats
from sweep.plots.fourier.common import (
    FALSE_COLOUR,
    META_LEARNED,
    PAGE,
    TRUE_COLOURS,
    Range,
    apart,
    case,
    description,
    error_axis,
    error_limits,
    heading,
    height_axis,
    padded,
    panel,
    step_axis,
    target_line,
)
from sweep.plots.labels import title
from sweep.plots.layout import Lattice
from sweep.plots.style import FAINT, INK, style
from sweep.plots.ticks import numbers, set_ticks

COLUMNS = 4


def draw(model: Model, shown: Runs) -> Figure:
    """A row a run; heights and errors have the same scales in all rows."""
    runs, cells = shown.runs, shown.cells
    targets = [real(cell, "target_error") for cell in cells]
    with style():
        lattice = _lattice(len(runs))
        figure = Figure(figsize=lattice.size)
        limits = error_limits(np.concatenate([run.errors for run in runs]), min(targets))
        heights = padded(np.concatenate([run.weights[_moments(run)].ravel() for run in runs]))
        for row, run in enumerate(runs):
            panels = [panel(figure, lattice, COLUMNS * row + i) for i in range(COLUMNS)]
            _row(panels, run, COLUMNS * row, case(model, cells[row], apart(cells)), heights)
            _errors(panels[-1], run, targets[row], limits)
            heading(panels[-1], COLUMNS * row + COLUMNS - 1, r"test error $\varepsilon$")
        title(figure, f"{description(model, shown)}; true features in colour")
        FigureCanvasAgg(figure)
    return figure


def _lattice(rows: int) -> Lattice:
    left, right, across = 0.42, 0.12, 0.36
    return Lattice(
        rows=rows,
        columns=COLUMNS,
        width=(PAGE - left - right - (COLUMNS - 1) * across) / COLUMNS,
        height=1.35,
        left=left,
        right=right,
        top=0.52,
        bottom=0.42,
        across=across,
        between=0.6,
    )


def _row(panels: list[Axes], run: Run, slot: int, name: str, limits: Range) -> None:
    """The three moments of a run."""
    moments = _moments(run)
    last = "diverges next" if np.isnan(run.errors[-1]) else "after"
    names = (f"{name}: before", "during", last)
    for i, (moment, when) in enumerate(zip(moments, names, strict=True)):
        axes = panels[i]
        _weights(axes, run.weights[moment], limits)
        axes.tick_params(labelleft=i == 0)
        heading(axes, slot + i, f"{when} (step {run.weight_steps[moment]})")
    panels[0].set_ylabel("$w_j$")


def _moments(run: Run) -> list[int]:
    """Positions among the recorded weights: the start, half way to the target, and the end.

    Half way through the run where the target is not reached.
    """
    end = run.last_sound()
    goal = run.time_to_target if np.isfinite(run.time_to_target) else run.weight_steps[end]
    during = int(np.searchsorted(run.weight_steps, goal / 2))
    return [0, min(during, end), end]


def _weights(axes: Axes, weights: Floats, limits: Range) -> None:
    """Weights against j + 1 on a logarithmic axis, which has room for the first three."""
    place = np.arange(weights.size) + 1
    axes.set_xscale("log")
    axes.set_xlim(0.7, 1.4 * weights.size)
    false = slice(TRUE_FEATURES, None)
    # As pixels: a vector file of thousands of dots is slow to show.
    axes.plot(
        place[false], weights[false], ".", color=FALSE_COLOUR, markersize=1.5, rasterized=True
    )
    for j, colour in enumerate(TRUE_COLOURS):
        axes.plot([place[j]] * 2, [0.0, weights[j]], color=colour, linewidth=0.9)
        axes.plot(place[j], weights[j], "o", color=colour, markersize=3.5)
    axes.axhline(0.0, color=FAINT, linewidth=0.4, zorder=1)
    height_axis(axes, limits)
    last = weights.size - 1
    ticks = [*(j for j in (0, 1, 2, 10, 100, 1000, 10000) if j < last / 2), last]
    set_ticks(axes.xaxis, [j + 1.0 for j in ticks], numbers(ticks))
    axes.set_xlabel("feature $j$")


def _errors(axes: Axes, run: Run, target: float, limits: Range) -> None:
    """The three moments as rings."""
    step_axis(axes, len(run.errors) - 1)
    axes.plot(np.arange(len(run.errors)), run.errors, color=META_LEARNED, linewidth=1.1)
    error_axis(axes, limits)
    target_line(axes, target)
    steps = run.weight_steps[_moments(run)]
    axes.plot(
        steps, run.errors[steps], "o", markersize=3.5, mfc="white", mec=INK, mew=0.8, clip_on=False
    )
