"""Test error against the number of points of an unseen task, with and without the weights."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.detail import ShotCurves
from sweep.models.fourier.pictures import Shots
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.ode.arrays import Floats
from sweep.plots.colours import DISTINCT
from sweep.plots.direct import End, label_ends
from sweep.plots.fourier.common import (
    CLOSED_FORM,
    META_LEARNED,
    apart,
    case,
    description,
    error_axis,
)
from sweep.plots.page import Page
from sweep.plots.style import FAINT, SMALL, styled
from sweep.plots.ticks import numbers, set_ticks

TICKS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
DEEPEST = 1e-8  # errors of exact solutions are not followed further
ORACLE = DISTINCT[2]
LEARNED = (META_LEARNED, DISTINCT[1], DISTINCT[0], DISTINCT[7], DISTINCT[6], DISTINCT[5])


@styled
def draw(model: Model, shown: Shots) -> Figure:
    """Zero, direct (w = 1), the weights that each run ends with, and the true features alone."""
    cells = shown.of.cells
    names = [
        f"{case(model, cell, apart(cells))}, step {run.weight_steps[run.last_sound()]}"
        for cell, run in zip(cells, shown.of.runs, strict=True)
    ]
    title = description(model, shown.of)
    page = Page(1, 1, lambda _: 2.4, sides=(0.6, 1.65), gaps=(0.0, 0.0), heading=title, head=0.1)
    axes = page.panel(0)
    _curves(axes, shown.curves, names)
    _oracle(axes, shown.curves[0])
    return page.figure


def _curves(axes: Axes, curves: Sequence[ShotCurves], names: Sequence[str]) -> None:
    shots = curves[0].shots
    lines: list[tuple[Floats, str, str]] = [(curves[0].direct, CLOSED_FORM, "direct: $w$ = 1")]
    for i, (learned, name) in enumerate(zip(curves, names, strict=True)):
        lines.append((learned.meta_learned, LEARNED[i % len(LEARNED)], f"learned {name}"))
    lowest = min(1e-3, *(float(learned.meta_learned.min()) for learned in curves))
    axes.set_xscale("log")
    axes.set_xlim(0.93, 1.07 * shots[-1])
    for heights, colour, _ in lines:
        axes.plot(shots, heights, color=colour, marker="o", markersize=2.5)
    error_axis(axes, (max(lowest, DEEPEST) / 2, 2.0))
    ticks = [n for n in TICKS if n <= shots[-1]]
    set_ticks(axes.xaxis, ticks, numbers(ticks))
    axes.set_xlabel("points of an unseen task")
    axes.set_ylabel(r"test error $\varepsilon$")
    bottom = axes.get_ylim()[0]
    ends = [End(text, max(float(h[-1]), bottom), colour) for h, colour, text in lines]
    label_ends(axes, [End("zero", 1.0, FAINT), *ends])


def _oracle(axes: Axes, curves: ShotCurves) -> None:
    """It leaves the panel as soon as there are as many points as true features."""
    axes.plot(curves.shots, curves.oracle, "--", color=ORACLE, marker="o", markersize=2.5)
    axes.annotate(
        f"oracle: the {TRUE_FEATURES} true features alone,\nexact from {TRUE_FEATURES} points on",
        (TRUE_FEATURES, axes.get_ylim()[0]),
        xytext=(2, 6),
        textcoords="offset points",
        size=SMALL,
        color=ORACLE,
    )
