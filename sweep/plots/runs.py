"""Several runs from one start over theory: the error, the overlaps Q and R, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sweep.analysis.ensemble import Course
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.base import Trace
from sweep.models.parameters import number
from sweep.ode.arrays import Floats
from sweep.plots.colours import Colour, of_lines
from sweep.plots.direct import End, label_ends
from sweep.plots.keys import legend
from sweep.plots.page import FOOT, LEGEND_FOOT, PAGE, Page
from sweep.plots.style import FAINT, INK, styled
from sweep.plots.ticks import round_ticks

LEGEND = 0.28  # inches
HEIGHT = 0.82  # of a panel, in widths

BARS = 25  # error bars a curve
MOST_NAMED = 8  # curves of a panel
PALE = 0.4
"""How much of its colour a curve keeps where it is faint."""

BAR: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 2.3,
    "markeredgewidth": 0,
    "elinewidth": 0.7,
    "capsize": 1.1,
    "capthick": 0.6,
}
DASHED: dict[str, Any] = {"color": INK, "linewidth": 0.9, "dashes": (3.2, 1.6), "zorder": 4}
FAINT_WIDTH = 1.3


@dataclass(frozen=True)
class _Curve:
    """A quantity of every run, shape (runs, n), of both theories, and how it is named."""

    runs: Floats
    finite: Floats
    infinite: Floats
    colour: Colour
    name: str = ""


@dataclass(frozen=True)
class _Panel:
    symbol: str
    curves: Sequence[_Curve]
    logarithmic: bool = False


@styled
def draw_runs(
    runs: Sequence[Trace], finite: Trace, infinite: Trace, samples: str, figure_title: str = ""
) -> Figure:
    """Mean ± standard deviation of the runs, theory dashed, and faint that of P = V = ∞.

    All have the series error, Q and R; the runs have them at the same times, as far as they go.
    samples: what P and V the theory `finite` is for. Raises UsageError where a run has no course.
    """
    time = min((run.time for run in runs), key=len)
    if not len(time):
        raise UsageError("no course to draw; a run diverges at its very start")
    panels = _panels(runs, finite, infinite, len(time))
    page = Page(
        len(panels),
        3,
        lambda width: HEIGHT * width,
        sides=(0.5, 0.34),
        gaps=(0.66, 0.34),
        heading=figure_title,
        foot=FOOT + LEGEND,
    )
    for slot, panel in enumerate(panels):
        axes = page.panel(slot)
        _draw(axes, panel, time, finite.time, infinite.time)
        _time_axis(axes, time)
        page.name(axes, slot, panel.symbol)
        page.label(axes, slot, r"$\alpha$")
        _name_curves(axes, panel.curves)
    _legend(page.figure, f"simulation, mean ± s.d. of {len(runs)} runs", samples)
    return page.figure


def _panels(runs: Sequence[Trace], finite: Trace, infinite: Trace, points: int) -> list[_Panel]:
    """The panels; the runs count up to their first `points` times."""
    K, M = finite.series["R"].shape[1:]

    def curve(name: str, place: tuple[int, ...], colour: Colour) -> _Curve:
        at: tuple[Any, ...] = (slice(None), *place)
        simulated = np.stack([run.series[name][at][:points] for run in runs])
        indices = "".join(str(i + 1) for i in place)
        return _Curve(
            simulated,
            finite.series[name][at],
            infinite.series[name][at],
            colour,
            f"${name}_{{{indices}}}$" if place else "",
        )

    units = of_lines(K)
    pairs = [(k, l) for k in range(K) for l in range(k + 1, K)]
    panels = [
        _Panel(r"$\varepsilon$", [curve("error", (), *of_lines(1))], logarithmic=True),
        _Panel("$Q_{kk}$", [curve("Q", (k, k), units[k]) for k in range(K)]),
        _Panel(
            r"$Q_{kl}$, $k \neq l$",
            [curve("Q", pair, c) for pair, c in zip(pairs, of_lines(len(pairs)), strict=True)],
        ),
    ]
    panels = [panel for panel in panels if panel.curves]
    for n in range(M):
        panels.append(_Panel(f"$R_{{k{n + 1}}}$", [curve("R", (k, n), units[k]) for k in range(K)]))
    return panels


def _draw(axes: Axes, panel: _Panel, time: Floats, finite: Floats, infinite: Floats) -> None:
    step = max(1, round(len(time) / BARS))
    for i, curve in enumerate(panel.curves):
        # Bars of different curves at different times, lest they hide each other. The last time is
        # left out: on the edge of the panel, half of a bar would be cut off.
        at = slice(i * step // len(panel.curves), max(1, len(time) - 1), step)
        axes.plot(
            infinite, curve.infinite, color=_pale(curve.colour), linewidth=FAINT_WIDTH, zorder=2
        )
        mean, deviation = curve.runs.mean(axis=0), _deviation(curve.runs)
        axes.errorbar(time[at], mean[at], deviation[at], color=curve.colour, zorder=3, **BAR)
        axes.plot(finite, curve.finite, **DASHED)
    if panel.logarithmic:
        axes.set_yscale("log")
    round_ticks(axes.yaxis, *axes.get_ylim(), logarithmic=panel.logarithmic)


def _deviation(runs: Floats) -> Floats:
    """The standard deviation; zero for a single run."""
    return runs.std(axis=0, ddof=1) if len(runs) > 1 else np.zeros(runs.shape[1])


def _pale(colour: Colour | str) -> Colour:
    red, green, blue = (1 - PALE * (1 - part) for part in to_rgb(colour))
    return red, green, blue, 1.0


def _time_axis(axes: Axes, time: Floats) -> None:
    end = float(time[-1]) or 1.0
    axes.set_xlim(-0.015 * end, end)
    round_ticks(axes.xaxis, 0.0, end)


def _name_curves(axes: Axes, curves: Sequence[_Curve]) -> None:
    """Every curve's name at its right end, unless there are too many."""
    named = [curve for curve in curves if curve.name and np.isfinite(curve.finite[-1:]).all()]
    if len(named) <= MOST_NAMED:
        ends = [End(curve.name, float(curve.runs[:, -1].mean()), curve.colour) for curve in named]
        label_ends(axes, ends)


def _legend(figure: Figure, runs: str, samples: str) -> None:
    bars = figure.axes[0].containers[0]
    assert isinstance(bars, ErrorbarContainer)
    faint = Line2D([], [], color=_pale(FAINT), linewidth=FAINT_WIDTH)
    handles = [bars, Line2D([], [], **DASHED), faint]
    words = [runs, f"theory, {samples}", "theory, $P = V = ∞$"]
    place = (PAGE / 2, LEGEND_FOOT)
    legend(figure, (handles, words), place, "lower center", 3, handlelength=2.2, columnspacing=2.0)


def course_picture(grid: Grid, course: Course) -> Figure:
    """Figure 2 of the paper, of any cell."""
    theory = course.theory
    P, V = (f"{number(course.cell[name]):g}" for name in ("P", "V"))
    samples = f"$P = V = {P}$" if P == V else f"$P = {P}$, $V = {V}$"
    return draw_runs(
        course.runs, theory["finite"], theory["infinite"], samples, _title(grid, course)
    )


def _title(grid: Grid, course: Course) -> str:
    named = (p for p in grid.model.parameters if p.name in ("N", "eta_w", "eta_J"))
    settings = [f"${p.symbol}$ = {number(course.cell[p.name]):g}" for p in named]
    return f"{grid.title}: {', '.join(settings)}"
