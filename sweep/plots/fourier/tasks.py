"""Several tasks of the first outer step, and the labels that a learner gets of them."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sweep.models.fourier.cell import integer, training
from sweep.models.fourier.features import features
from sweep.models.fourier.model import FourierModel
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.plots.fourier.common import (
    PAGE,
    TRUTH,
    Cells,
    Floats,
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

SHOWN = 4


def draw(model: FourierModel, cells: Cells) -> Figure:  # noqa: ARG001
    """Functions and training points of the first tasks.

    A task does not depend on how many there are, so that four are shown of a run that has fewer.
    """
    pool = integer(cells[0], "pool")
    batch = training({**cells[0], "tasks": SHOWN}, n_val=0).batch()
    functions = batch.coefficients @ features(np.arange(pool), TRUE_FEATURES, pool).T
    with style():
        lattice = _lattice()
        figure = Figure(figsize=lattice.size)
        for slot, task in enumerate(functions):
            axes = panel(figure, lattice, slot)
            input_axis(axes)
            function(axes, task, color=TRUTH, linewidth=2.0)
            dots(axes, batch.train, task)
            height_axis(axes, padded(functions))
            axes.tick_params(labelleft=slot == 0)
            axes.set_xlabel("$x$")
            heading(axes, slot, _formula(batch.coefficients[slot]))
        figure.axes[0].set_ylabel("$y$")
        title(figure, f"Tasks, and their labels at {len(batch.train)} training points")
        FigureCanvasAgg(figure)
    return figure


def _lattice() -> Lattice:
    left, right, across = 0.42, 0.12, 0.2
    return Lattice(
        rows=1,
        columns=SHOWN,
        width=(PAGE - left - right - (SHOWN - 1) * across) / SHOWN,
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
