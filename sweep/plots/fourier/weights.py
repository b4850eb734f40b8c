"""Feature weights before, during and after runs, with the test error.

"During" is half way to the target.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
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
    TRUE_COLOURS,
    Range,
    apart,
    case,
    description,
    error_axis,
    error_limits,
    height_axis,
    height_limits,
    step_axis,
    target_line,
)
from sweep.plots.page import Page
from sweep.plots.style import FAINT, INK, styled
from sweep.plots.ticks import numbers, set_ticks

COLUMNS = 4


@styled
def draw(model: Model, shown: Runs) -> Figure:
    """A row a run; heights and errors have the same scales in all rows.

    Only weights on their way to a divergence have scales of their own.
    """
    runs, cells = shown.runs, shown.cells
    targets = [real(cell, "target_error") for cell in cells]
    page = Page(
        COLUMNS * len(runs),
        COLUMNS,
        lambda _: 1.35,
        sides=(0.42, 0.12),
        gaps=(0.36, 0.6),
        heading=f"{description(model, shown)}; true features in colour",
    )
    limits = error_limits(np.concatenate([run.errors for run in runs]), min(targets))
    sound = [run.weights[_moments(run)[: 1 if _diverges(run) else 3]] for run in runs]
    heights = height_limits(np.concatenate([weights.ravel() for weights in sound]))
    for row, run in enumerate(runs):
        first = COLUMNS * row
        _row(page, first, run, case(model, cells[row], apart(cells)), heights)
        errors = page.panel(first + COLUMNS - 1)
        _errors(errors, run, targets[row], limits)
        page.name(errors, first + COLUMNS - 1, r"test error $\varepsilon$")
    return page.figure


def _row(page: Page, first: int, run: Run, name: str, limits: Range) -> None:
    """The three moments of a run, from the slot `first` on."""
    moments = _moments(run)
    last = "diverges next" if _diverges(run) else "after"
    names = (f"{name}: before", "during", last)
    for i, (moment, when) in enumerate(zip(moments, names, strict=True)):
        axes = page.panel(first + i)
        weights = run.weights[moment]
        beyond = bool(np.any((weights < limits[0]) | (weights > limits[1])))
        _weights(axes, weights, height_limits(weights) if beyond else limits)
        axes.tick_params(labelleft=i == 0 or beyond)
        axes.set_ylabel("$w_j$" if i == 0 else "")
        page.name(axes, first + i, f"{when} (step {run.weight_steps[moment]})")


def _diverges(run: Run) -> bool:
    return bool(np.isnan(run.errors[-1]))


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
