"""The features against x: the true ones, the first false ones, and some of the many others."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.features import inputs
from sweep.models.fourier.pictures import SomeFeatures
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.ode.arrays import Floats
from sweep.plots.fourier.common import (
    FALSE_COLOUR,
    PAGE,
    TRUE_COLOURS,
    heading,
    input_axis,
    panel,
)
from sweep.plots.labels import title
from sweep.plots.layout import Lattice
from sweep.plots.style import FAINT, style
from sweep.plots.ticks import set_ticks

COLUMNS = 4


def draw(model: Model, shown: SomeFeatures) -> Figure:  # noqa: ARG001
    """A panel a feature; the true ones in the colours that they have in all pictures."""
    count = len(shown.chosen)
    with style():
        lattice = _lattice(count)
        figure = Figure(figsize=lattice.size)
        for slot, j in enumerate(shown.chosen):
            axes = panel(figure, lattice, slot)
            colour = TRUE_COLOURS[j] if j < TRUE_FEATURES else FALSE_COLOUR
            _feature(axes, shown.values[:, slot], colour)
            heading(axes, slot, _formula(j))
            axes.tick_params(labelleft=slot % COLUMNS == 0, labelbottom=slot + COLUMNS >= count)
            if slot + COLUMNS >= count:
                axes.set_xlabel("$x$")
        others = shown.D - TRUE_FEATURES
        title(
            figure, f"The {TRUE_FEATURES} true features, in colour, and some of the other {others}"
        )
        FigureCanvasAgg(figure)
    return figure


def _lattice(count: int) -> Lattice:
    left, right, across = 0.36, 0.1, 0.2
    return Lattice(
        rows=-(-count // COLUMNS),
        columns=COLUMNS,
        width=(PAGE - left - right - (COLUMNS - 1) * across) / COLUMNS,
        height=0.85,
        left=left,
        right=right,
        top=0.52,
        bottom=0.42,
        across=across,
        between=0.36,
    )


def _feature(axes: Axes, values: Floats, colour: str) -> None:
    input_axis(axes)
    axes.axhline(0.0, color=FAINT, linewidth=0.4, zorder=1)
    waves = int((values[1:] * values[:-1] < 0).sum())
    axes.plot(inputs(values.size), values, color=colour, linewidth=1.1 if waves < 50 else 0.3)
    axes.set_ylim(-1.6, 1.6)
    set_ticks(axes.yaxis, [-1.0, 0.0, 1.0], ["−1", "0", "1"])


def _formula(j: int) -> str:
    """Such as "$\\varphi_3 = \\sqrt{2}\\,\\sin 2\\pi x$"."""
    if j == 0:
        return r"$\varphi_0 = 1$"
    r = (j + 1) // 2
    wave = r"\sin" if j % 2 else r"\cos"
    return rf"$\varphi_{{{j}}} = \sqrt{{2}}\,{wave}\,{r if r > 1 else ''}\pi x$"
