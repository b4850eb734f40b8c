"""The closed form with all features alike: perfect at the training points, and wrong between."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.detail import Prediction
from sweep.models.fourier.features import inputs
from sweep.models.fourier.pictures import ClosedForm
from sweep.plots.fourier.common import (
    CLOSED_FORM,
    TRUTH,
    dots,
    function,
    height_axis,
    height_limits,
    input_axis,
    relative_error,
)
from sweep.plots.page import Page
from sweep.plots.style import styled
from sweep.plots.ticks import number_text, numbers, set_ticks

ZOOM = 0.2  # half of the width of the enlarged part


@styled
def draw(model: Model, shown: ClosedForm) -> Figure:  # noqa: ARG001
    """An unseen task and its regression: at the points, everywhere, and everywhere enlarged."""
    learned = shown.task
    title = f"An unseen task, regressed on all {shown.D} features alike ($w$ = 1)"
    page = Page(3, 3, lambda _: 1.6, sides=(0.42, 0.12), gaps=(0.24, 0.0), heading=title)
    panels = [page.panel(slot) for slot in range(3)]
    limits = height_limits(np.concatenate([learned.truth, learned.closed_form]))
    for slot, (axes, text) in enumerate(zip(panels, _headings(learned), strict=True)):
        input_axis(axes)
        height_axis(axes, limits)
        page.label(axes, slot, "$x$", "$y$", one_y=True)
        page.name(axes, slot, text)
    _at_points(panels[0], learned)
    for axes in panels[1:]:
        _everywhere(axes, learned)
    _enlarge(panels[2], learned)
    return page.figure


def _headings(learned: Prediction) -> tuple[str, str, str]:
    points = learned.points
    seen = relative_error(learned.closed_form[points], learned.truth[points])
    everywhere = relative_error(learned.closed_form, learned.truth)
    return (
        f"{len(points)} training points: error {number_text(seen, 1)}",
        f"all {learned.truth.size} points: error {number_text(everywhere, 2)}",
        "a part of (b), enlarged",
    )


def _at_points(axes: Axes, learned: Prediction) -> None:
    """The labels as dots, the regression as rings."""
    dots(axes, learned.points, learned.truth)
    x, y = inputs(learned.truth.size)[learned.points], learned.closed_form[learned.points]
    axes.plot(x, y, "o", mfc="none", mec=CLOSED_FORM, mew=0.7, markersize=4.2, clip_on=False)


def _everywhere(axes: Axes, learned: Prediction) -> None:
    function(axes, learned.truth, color=TRUTH, linewidth=2.6, solid_capstyle="butt")
    function(axes, learned.closed_form, color=CLOSED_FORM, linewidth=0.7)
    dots(axes, learned.points, learned.truth)


def _enlarge(axes: Axes, learned: Prediction) -> None:
    """Show the part around the largest value, where the regression has the furthest to go."""
    largest = inputs(learned.truth.size)[np.abs(learned.truth).argmax()]
    middle = round(float(np.clip(largest, ZOOM - 1, 1 - ZOOM)), 1)
    axes.set_xlim(middle - ZOOM, middle + ZOOM)
    # Dots outside the panel would otherwise be drawn beside it.
    for line in axes.lines:
        line.set_clip_on(True)
    ticks = [round(middle + shift, 1) for shift in (-ZOOM, 0.0, ZOOM)]
    set_ticks(axes.xaxis, ticks, numbers(ticks))
