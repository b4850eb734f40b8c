"""What the pictures of this folder have in common: colours, axes, and the words for their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from sweep.models.base import Model
from sweep.models.fourier.features import Points, inputs
from sweep.models.fourier.pictures import Runs
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.models.parameters import Value
from sweep.ode.arrays import Floats
from sweep.plots.colours import DISTINCT
from sweep.plots.edges import key, padded
from sweep.plots.labels import as_math
from sweep.plots.style import FAINT, INK
from sweep.plots.ticks import round_ticks, set_ticks, words

Range = tuple[float, float]
Cells = Sequence[Mapping[str, Value]]

TRUE_COLOURS = DISTINCT[:TRUE_FEATURES]
FALSE_COLOUR = "#8f8f8f"
CLOSED_FORM, META_LEARNED = DISTINCT[3], DISTINCT[4]
TRUTH = "#bdbdbd"  # drawn wide, beneath the predictions
DASHES = (4, 3)
PAD = 0.06

TOLD = ("D", "inner_rate", "outer_rate", "inner_steps", "c0_scale", "tasks")


def description(model: Model, of: Runs) -> str:
    """What all cells have in common, in one line, as the title of a picture."""
    first, differing = of.cells[0], apart(of.cells)
    told = [_told(model, first, n) for n in TOLD if n in first and n not in differing]
    origin = "" if "init" in differing else f" from {first['init']}"
    return f"{of.method}{origin}: {', '.join(told)}"


def case(model: Model, parameters: Mapping[str, Value], differing: Sequence[str]) -> str:
    """One of several cells, such as "from ones"; the start where nothing differs."""
    names = differing or ["init"]
    return ", ".join(_told(model, parameters, name) for name in names)


def apart(cells: Cells) -> list[str]:
    """The parameters in which cells differ."""
    return [name for name in cells[0] if len({cell[name] for cell in cells}) > 1]


def _told(model: Model, parameters: Mapping[str, Value], name: str) -> str:
    """Such as "$D$ = 501"."""
    value = parameters[name]
    if name == "init":
        return f"from {value}"
    if name == "tasks":
        return f"{value} task{'s' if value != 1 else ''} a step"
    symbol = next(p.symbol for p in model.parameters if p.name == name)
    return f"{as_math(symbol or name.replace('_', ' '))} = {words(key(value))}"


def error_limits(errors: Floats, target: float) -> Range:
    """The range of errors on a logarithmic axis, padded, with the target and the zero line."""
    shown = np.append(errors[np.isfinite(errors) & (errors > 0)], [1.0])
    shown = np.append(shown, target) if target > 0 else shown
    return padded(float(shown.min()), float(shown.max()), PAD, logarithmic=True)


def error_axis(axes: Axes, limits: Range) -> None:
    """A logarithmic axis of test errors, with the line of predicting zero."""
    axes.set_yscale("log")
    axes.set_ylim(limits)
    round_ticks(axes.yaxis, *limits, logarithmic=True)
    axes.axhline(1.0, color=FAINT, linewidth=0.7, dashes=(1, 2), zorder=1)


def target_line(axes: Axes, target: float) -> None:
    """The error to reach."""
    if target > 0:
        axes.axhline(target, color=FAINT, linewidth=0.7, dashes=DASHES, zorder=1)


def height_limits(values: Floats) -> Range:
    """The range of heights on a linear axis."""
    return padded(float(values.min()), float(values.max()), PAD, logarithmic=False)


def height_axis(axes: Axes, limits: Range) -> None:
    """A linear axis with round ticks."""
    axes.set_ylim(limits)
    round_ticks(axes.yaxis, *limits)


def step_axis(axes: Axes, steps: int) -> None:
    """Outer steps from 0."""
    axes.set_xlim(0, steps)
    round_ticks(axes.xaxis, 0, steps, whole=True)
    axes.set_xlabel("outer step")


def relative_error(regressed: Floats, truth: Floats) -> float:
    """Squared error relative to that of predicting zero."""
    return float(((regressed - truth) ** 2).sum() / (truth**2).sum())


def input_axis(axes: Axes) -> None:
    """x from -1 to 1."""
    axes.set_xlim(-1.0, 1.0)
    set_ticks(axes.xaxis, [-1.0, 0.0, 1.0], ["−1", "0", "1"])


def function(axes: Axes, values: Floats, **style: object) -> None:
    """A function on the pool."""
    axes.plot(inputs(values.size), values, **style)  # type: ignore[arg-type]


def dots(axes: Axes, points: Points, values: Floats) -> None:
    """A function on the pool, at some points."""
    x = inputs(values.size)[points]
    axes.plot(x, values[points], "o", color=INK, markersize=1.8, zorder=4, clip_on=False)
