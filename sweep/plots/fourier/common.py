"""What the pictures of this folder have in common: colours, panels, axes, names of lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.models.base import Model
from sweep.models.fourier.features import Points, inputs
from sweep.models.fourier.pictures import Runs
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.models.parameters import Value
from sweep.ode.arrays import Floats
from sweep.plots.colours import DISTINCT
from sweep.plots.direct import spread
from sweep.plots.edges import key
from sweep.plots.labels import as_math, letter
from sweep.plots.layout import Lattice
from sweep.plots.style import FAINT, INK, SMALL
from sweep.plots.ticks import linear_ticks, log_ticks, numbers, set_ticks, words

Range = tuple[float, float]
Cells = Sequence[Mapping[str, Value]]

PAGE = 7.2  # inches
TRUE_COLOURS = DISTINCT[:TRUE_FEATURES]
FALSE_COLOUR = "#8f8f8f"
CLOSED_FORM, META_LEARNED = DISTINCT[3], DISTINCT[4]
TRUTH = "#bdbdbd"  # drawn wide, beneath the predictions
DASHES = (4, 3)
PAD = 0.06

TOLD = ("D", "inner_rate", "outer_rate", "inner_steps", "c0_scale", "tasks")


@dataclass(frozen=True)
class Name:
    """The name of a line, to stand at its end. height: in the units of the y axis."""

    text: str
    height: float
    colour: str


def panel(figure: Figure, lattice: Lattice, slot: int) -> Axes:
    """The axes of a slot, open at the top and the right."""
    axes = lattice.place(figure, *lattice.corner(slot), lattice.width, lattice.height)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def heading(axes: Axes, slot: int, text: str) -> None:
    """What a panel shows, with a letter, above its left corner."""
    axes.set_title(f"({letter(slot)}) {text}", loc="left", pad=4, size=SMALL + 1)


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
    low, high = float(shown.min()), float(shown.max())
    pad = (high / low) ** PAD
    return low / pad, high * pad


def error_axis(axes: Axes, limits: Range) -> None:
    """A logarithmic axis of test errors, with the line of predicting zero."""
    axes.set_yscale("log")
    axes.set_ylim(limits)
    ticks = log_ticks(*limits)
    set_ticks(axes.yaxis, ticks, numbers(ticks))
    axes.axhline(1.0, color=FAINT, linewidth=0.7, dashes=(1, 2), zorder=1)


def target_line(axes: Axes, target: float) -> None:
    """The error to reach."""
    if target > 0:
        axes.axhline(target, color=FAINT, linewidth=0.7, dashes=DASHES, zorder=1)


def padded(values: Floats) -> Range:
    """The range of heights on a linear axis."""
    low, high = float(values.min()), float(values.max())
    pad = PAD * (high - low) or 1.0
    return low - pad, high + pad


def height_axis(axes: Axes, limits: Range) -> None:
    """A linear axis with round ticks."""
    axes.set_ylim(limits)
    ticks = linear_ticks(*limits)
    set_ticks(axes.yaxis, ticks, numbers(ticks))


def step_axis(axes: Axes, steps: int) -> None:
    """Outer steps from 0."""
    axes.set_xlim(0, steps)
    ticks = linear_ticks(0, steps, whole=True)
    set_ticks(axes.xaxis, ticks, numbers(ticks))
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


def name_ends(axes: Axes, names: Sequence[Name]) -> None:
    """Names at the right of the panel, as near to the heights of their lines as they fit."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    inches = float(axes.get_position().height * figure.get_size_inches()[1])
    to_axes = axes.transData + axes.transAxes.inverted()
    at = to_axes.transform([(axes.get_xlim()[1], name.height) for name in names])[:, 1]
    places = spread([float(v) for v in at], (SMALL + 1.5) / 72 / inches, 0.0, 1.0)
    for name, place in zip(names, places, strict=True):
        axes.annotate(
            name.text,
            (1.0, float(place)),
            xycoords="axes fraction",
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            size=SMALL,
            color=name.colour,
            annotation_clip=False,
        )


def mark(axes: Axes, x: float, y: float, text: str) -> None:
    """A ring, with a text at its upper right, or upper left where the panel ends soon."""
    axes.plot(
        [x], [y], marker="o", markersize=4, mfc="white", mec=INK, mew=0.8, zorder=5, clip_on=False
    )
    to_axes = axes.transData + axes.transAxes.inverted()
    early = bool(to_axes.transform((x, y))[0] < 0.7)
    axes.annotate(
        text,
        (x, y),
        xytext=(3, 5) if early else (-2, 5),
        ha="left" if early else "right",
        textcoords="offset points",
        size=SMALL,
    )
