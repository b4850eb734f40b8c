"""The features against x: the true ones, the first false ones, and some of the many others."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.features import inputs
from sweep.models.fourier.pictures import SomeFeatures
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.ode.arrays import Floats
from sweep.plots.fourier.common import (
    FALSE_COLOUR,
    TRUE_COLOURS,
    input_axis,
)
from sweep.plots.page import Page
from sweep.plots.style import FAINT, styled
from sweep.plots.ticks import set_ticks

COLUMNS = 4


@styled
def draw(model: Model, shown: SomeFeatures) -> Figure:  # noqa: ARG001
    """A panel a feature; the true ones in the colours that they have in all pictures."""
    page = Page(
        len(shown.chosen),
        4,
        lambda _: 0.85,
        sides=(0.36, 0.1),
        gaps=(0.2, 0.36),
        heading=f"The {TRUE_FEATURES} true features, in colour, "
        f"and some of the other {shown.D - TRUE_FEATURES}",
    )
    for slot, j in enumerate(shown.chosen):
        axes = page.panel(slot)
        colour = TRUE_COLOURS[j] if j < TRUE_FEATURES else FALSE_COLOUR
        _feature(axes, shown.values[:, slot], colour)
        page.name(axes, slot, _formula(j))
        page.label(axes, slot, "$x$", one_y=True)
    return page.figure


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
