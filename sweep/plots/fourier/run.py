"""One run in detail: test error, feature weights, and an unseen task learned in two ways."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.cell import real
from sweep.models.fourier.detail import Prediction
from sweep.models.fourier.pictures import LearnedTask
from sweep.models.fourier.run import Run
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.ode.arrays import Floats
from sweep.plots.direct import End, label_ends, mark
from sweep.plots.fourier.common import (
    CLOSED_FORM,
    FALSE_COLOUR,
    META_LEARNED,
    TRUE_COLOURS,
    TRUTH,
    Range,
    description,
    dots,
    error_axis,
    error_limits,
    function,
    height_axis,
    height_limits,
    input_axis,
    relative_error,
    step_axis,
    target_line,
)
from sweep.plots.page import Page
from sweep.plots.style import FAINT, styled
from sweep.plots.ticks import number_text

LARGE_WEIGHT = 50.0  # beyond, a linear axis of weights would show nothing but the largest


@styled
def draw(model: Model, shown: LearnedTask) -> Figure:
    """Error and weights against outer steps; an unseen task by the closed form and as learned."""
    (run,), (cell,) = shown.of.runs, shown.of.cells
    learned = shown.task
    title = description(model, shown.of)
    page = Page(4, 2, lambda _: 1.75, sides=(0.5, 0.5), gaps=(0.72, 0.68), heading=title)
    panels = [page.panel(slot) for slot in range(4)]
    _errors(panels[0], run, real(cell, "target_error"))
    _weights(panels[1], run)
    functions = np.concatenate([learned.truth, learned.closed_form, learned.meta_learned])
    limits = height_limits(functions)
    _prediction(panels[2], learned, learned.closed_form, CLOSED_FORM, limits)
    _prediction(panels[3], learned, learned.meta_learned, META_LEARNED, limits)
    for slot, text in enumerate(_headings(learned)):
        page.name(panels[slot], slot, text)
    return page.figure


def _headings(learned: Prediction) -> tuple[str, ...]:
    direct, meta = (
        number_text(relative_error(f, learned.truth), 2)
        for f in (learned.closed_form, learned.meta_learned)
    )
    return (
        "test error",
        "feature weights",
        f"an unseen task from {len(learned.points)} points, $w$ = 1: error {direct}",
        f"the same points, learned $w$: error {meta}",
    )


def _errors(axes: Axes, run: Run, target: float) -> None:
    step_axis(axes, len(run.errors) - 1)
    axes.plot(np.arange(len(run.errors)), run.errors, color=META_LEARNED, linewidth=1.2)
    error_axis(axes, error_limits(run.errors, target))
    target_line(axes, target)
    axes.set_ylabel(r"test error $\varepsilon$")
    names = [End("zero", 1.0, FAINT)]
    if target > 0:
        names.append(End("target", target, FAINT))
    label_ends(axes, names)
    for step, text in _events(run).items():
        mark(axes, step, float(run.errors[step]), text)


def _events(run: Run) -> dict[int, str]:
    """What the curve of errors is marked with, and at which step."""
    events = {}
    if np.isfinite(run.time_to_target):
        step = int(run.time_to_target)
        events[step] = f"step {step}"
    if np.isnan(run.errors[-1]):
        last = len(run.errors) - 2
        events[last] = f"{events[last]}, diverges next" if last in events else "diverges next"
    return events


def _weights(axes: Axes, run: Run) -> None:
    step_axis(axes, len(run.errors) - 1)
    end = run.last_sound() + 1
    steps, weights = run.weight_steps[:end], run.weights[:end]
    curves = [np.column_stack([steps, w]) for w in weights[:, TRUE_FEATURES:].T]
    # As pixels: a vector file of hundreds of curves is slow to show.
    axes.add_collection(
        LineCollection(curves, colors=FALSE_COLOUR, linewidths=0.35, alpha=0.5, rasterized=True)
    )
    for j, colour in enumerate(TRUE_COLOURS):
        axes.plot(steps, weights[:, j], color=colour, linewidth=1.3, marker="o" if end == 1 else "")
    axes.axhline(0.0, color=FAINT, linewidth=0.4, zorder=1)
    _weight_axis(axes, weights)
    names = [End(f"$w_{j}$", weights[-1, j], colour) for j, colour in enumerate(TRUE_COLOURS)]
    if weights.shape[1] > TRUE_FEATURES:
        names.append(End("others", float(np.median(weights[-1, TRUE_FEATURES:])), FALSE_COLOUR))
    label_ends(axes, names)
    axes.set_ylabel("$w_j$")


def _weight_axis(axes: Axes, weights: Floats) -> None:
    if np.abs(weights).max() > LARGE_WEIGHT:
        axes.set_yscale("symlog", linthresh=1.0)
        return
    height_axis(axes, height_limits(weights))


def _prediction(
    axes: Axes,
    learned: Prediction,
    regressed: Floats,
    colour: str,
    limits: Range,
) -> None:
    input_axis(axes)
    function(axes, learned.truth, color=TRUTH, linewidth=2.6, solid_capstyle="butt")
    function(axes, regressed, color=colour, linewidth=0.7)
    dots(axes, learned.points, learned.truth)
    height_axis(axes, limits)
    axes.set_xlabel("$x$")
    axes.set_ylabel("$y$")
