"""Several tasks of the first outer step, and the labels that a learner gets of them."""

from __future__ import annotations

from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.pictures import Tasks
from sweep.ode.arrays import Floats
from sweep.plots.fourier.common import (
    TRUTH,
    dots,
    function,
    height_axis,
    height_limits,
    input_axis,
)
from sweep.plots.page import Page
from sweep.plots.style import styled


@styled
def draw(model: Model, shown: Tasks) -> Figure:  # noqa: ARG001
    """Functions and training points of the first tasks."""
    functions = shown.functions
    count = len(functions)
    title = f"Tasks, and their labels at {len(shown.points)} training points"
    page = Page(count, count, lambda _: 1.35, sides=(0.42, 0.12), gaps=(0.2, 0.0), heading=title)
    for slot, task in enumerate(functions):
        axes = page.panel(slot)
        input_axis(axes)
        function(axes, task, color=TRUTH, linewidth=2.0)
        dots(axes, shown.points, task)
        height_axis(axes, height_limits(functions))
        page.label(axes, slot, "$x$", "$y$", one_y=True)
        page.name(axes, slot, _formula(shown.coefficients[slot]))
    return page.figure


def _formula(coefficients: Floats) -> str:
    """Such as "$0.13\\,\\varphi_0 − 1.2\\,\\varphi_1 + 0.64\\,\\varphi_2$"."""
    signs = ["−" if c < 0 else "+" for c in coefficients]
    terms = [rf"{abs(c):.2f}$\,\varphi_{j}$" for j, c in enumerate(coefficients)]
    first = f"{signs[0]}{terms[0]}".removeprefix("+")
    return first + "".join(f" {s} {t}" for s, t in zip(signs[1:], terms[1:], strict=True))
