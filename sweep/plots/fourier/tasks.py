"""Several tasks of the first outer step, and the labels that a learner gets of them."""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.pictures import Tasks
from sweep.ode.arrays import Floats
from sweep.plots.fourier.common import (
    PAGE,
    TRUTH,
    dots,
    function,
    heading,
    height_axis,
    input_axis,
    padded,
    panel,
)
from sweep.plots.labels import title
from sweep.plots.layout import Lattice
from sweep.plots.style import style


def draw(model: Model, shown: Tasks) -> Figure:  # noqa: ARG001
    """Functions and training points of the first tasks."""
    functions = shown.functions
    with style():
        lattice = _lattice(len(functions))
        figure = Figure(figsize=lattice.size)
        for slot, task in enumerate(functions):
            axes = panel(figure, lattice, slot)
            input_axis(axes)
            function(axes, task, color=TRUTH, linewidth=2.0)
            dots(axes, shown.points, task)
            height_axis(axes, padded(functions))
            axes.tick_params(labelleft=slot == 0)
            axes.set_xlabel("$x$")
            heading(axes, slot, _formula(shown.coefficients[slot]))
        figure.axes[0].set_ylabel("$y$")
        title(figure, f"Tasks, and their labels at {len(shown.points)} training points")
        FigureCanvasAgg(figure)
    return figure


def _lattice(columns: int) -> Lattice:
    left, right, across = 0.42, 0.12, 0.2
    return Lattice(
        rows=1,
        columns=columns,
        width=(PAGE - left - right - (columns - 1) * across) / columns,
        height=1.35,
        left=left,
        right=right,
        top=0.52,
        bottom=0.42,
        across=across,
        between=0.0,
    )


def _formula(coefficients: Floats) -> str:
    """Such as "$0.13\\,\\varphi_0 − 1.2\\,\\varphi_1 + 0.64\\,\\varphi_2$"."""
    signs = ["−" if c < 0 else "+" for c in coefficients]
    terms = [rf"{abs(c):.2f}$\,\varphi_{j}$" for j, c in enumerate(coefficients)]
    first = f"{signs[0]}{terms[0]}".removeprefix("+")
    return first + "".join(f" {s} {t}" for s, t in zip(signs[1:], terms[1:], strict=True))
