"""Tick values and their words: few, round, and as one would write them by hand."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from sweep.plots.edges import Key, Scale
from sweep.plots.layout import size_of
from sweep.plots.style import INK

PLAIN_LOW, PLAIN_HIGH = 1e-3, 1e5  # outside, numbers are written as powers of ten
FEWEST, MOST = 3, 6
MOST_OF_ALL, MOST_OF_INTEGERS = 5, 8  # axes of no more values have a tick at every one
LETTER, LINE = 0.056, 0.14  # the size of a tick label, in inches
LONGEST = 18  # letters of a word or a matrix
MOST_LETTERS = 80  # of one that has a letter instead
NAME_DIGITS = 4  # what a name shows of a value such as 2.37841423


_COMMAND = re.compile(r"\\[A-Za-z]+")  # such as \varepsilon, which is one letter


def number_text(value: float, digits: int = 12) -> str:
    """A number as text, mathtext where it needs a power of ten."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0 or PLAIN_LOW <= abs(value) < PLAIN_HIGH:
        return _plain(value, digits)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    power = f"10^{{{int(exponent)}}}"
    return f"${power}$" if mantissa == "1" else rf"${mantissa}\times{power}$"


def _plain(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.0f}"
    return text.replace("-", "−")


def numbers(values: Sequence[float], digits: int = 12) -> list[str]:
    """Labels of one axis; where one of several powers of ten is written as such, all are."""
    labels = [number_text(v, digits) for v in values]
    powers = [f"{v:.11e}".split("e") for v in values]
    if any("$" in label for label in labels) and all(float(m) == 1 for m, _ in powers):
        return [f"$10^{{{int(n)}}}$" for _, n in powers]
    return labels


def words(k: Key, longest: int = LONGEST) -> str:
    """A key of an axis, as a tick or a panel's name shows it."""
    if isinstance(k, float):
        return number_text(k, NAME_DIGITS)
    if k.startswith("[["):
        k = ", ".join("[" + " ".join(f"{v:g}" for v in row) + "]" for row in json.loads(k))
    return k if len(k) <= longest else k[: longest - 1] + "…"


def lettered(keys: Sequence[Key], longest: int) -> list[str]:
    """The words of keys where all of them fit, else a letter for each."""
    named = [words(k, MOST_LETTERS) for k in keys]
    if max(map(length, named), default=0) <= longest:
        return named
    return [_letters(i) for i in range(len(keys))]


def _letters(i: int) -> str:
    """A, B, …, Z, AA, AB, …"""
    first, second = divmod(i, len(ascii_uppercase))
    return (_letters(first - 1) if first else "") + ascii_uppercase[second]


def longest_label(scale: Scale, inches: float, *, upright: bool) -> int:
    """How many letters a name may have on an axis of that length."""
    if upright:
        return LONGEST
    shown = len(_thinned(len(scale.keys), max(2, int(inches / (4 * LETTER)))))
    return max(4, int(inches / LETTER / shown) - 1)


def length(label: str) -> int:
    """The letters of a tick label, roughly, without the marks of mathtext."""
    return len(_COMMAND.sub("x", label).translate(str.maketrans("", "", "${}^")))


def log_ticks(low: float, high: float) -> list[float]:
    """Round values in [low, high]: powers of 2 or 4 if both ends are, else of ten or 1-2-5."""
    slack = math.exp(1e-9 * (math.log(high) - math.log(low)))
    low, high = low / slack, high * slack
    series = [_powers(10, (1,)), _powers(10, (1, 3)), _powers(10, (1, 2, 5))]
    series += [_decades(stride) for stride in (2, 3, 4, 5, 10, 20, 50, 100, 200)]
    if _power_of_two(low, slack) and _power_of_two(high, slack):
        series = [_powers(2, (1,)), _powers(4, (1,)), *series]
    for powers in series:
        ticks = [v for v in powers if low <= v <= high]
        if FEWEST <= len(ticks) <= MOST:
            return ticks
    even = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(f"{v:.12g}") for v in even if low <= v <= high]


def _powers(base: int, mantissas: Sequence[int]) -> list[float]:
    reach = int(40 / math.log10(base))
    # float(str) rather than a power: 10.0**-3 is not the double nearest to 0.001
    if base == 10:
        return [float(f"{m}e{n}") for n in range(-reach, reach + 1) for m in mantissas]
    return [m * float(base) ** n for n in range(-reach, reach + 1) for m in mantissas]


def _decades(stride: int) -> list[float]:
    return [float(f"1e{n}") for n in range(-300, 301, stride)]


def _power_of_two(value: float, slack: float) -> bool:
    exponent = math.log2(value)
    return abs(exponent - round(exponent)) <= 2 * abs(math.log2(slack)) + 1e-9


def linear_ticks(low: float, high: float, most: int = 5, *, whole: bool = False) -> list[float]:
    """Round values in [low, high]; integers if `whole`."""
    steps = [1, 2, 3, 4, 5, 10] if whole else [1, 2, 2.5, 5, 10]
    locator = MaxNLocator(nbins=most, steps=steps, integer=whole)
    slack = 1e-9 * (high - low)
    values = locator.tick_values(low, high)
    return [float(f"{v:.12g}") for v in values if low - slack <= v <= high + slack]


def ticks_of(scale: Scale, inches: float, *, upright: bool) -> tuple[list[float], list[str]]:
    """Tick positions and labels of an axis of that length; upright: the y axis."""
    room = max(2, int(inches / (LINE if upright else 4 * LETTER)))
    if scale.spacing == "category":
        labels = lettered(scale.keys, longest_label(scale, inches, upright=upright))
        at = _thinned(len(scale.keys), room)
        return [float(i) for i in at], [labels[i] for i in at]
    if scale.gap is None:
        return _ticks_of_numbers(scale, inches, room, upright=upright)
    logarithmic = scale.spacing == "log"
    first, last, infinite = (
        np.log(scale.edges[[0, scale.finite, -1]])
        if logarithmic
        else (scale.edges[[0, scale.finite, -1]])
    )
    part = float((last - first) / (infinite - first))
    ticks, labels = _ticks_of_numbers(scale, part * inches, int(part * room), upright=upright)
    return [*ticks, float(scale.centres[-1])], [*labels, words(scale.keys[-1])]


def _ticks_of_numbers(
    scale: Scale, inches: float, room: int, *, upright: bool
) -> tuple[list[float], list[str]]:
    """The ticks of the finite values."""
    centres = scale.centres[: scale.finite]
    few = MOST_OF_INTEGERS if _whole(centres) else MOST_OF_ALL
    if len(centres) <= min(few, room):
        labels = numbers(centres.tolist(), NAME_DIGITS)
        if upright or not _crowded(labels, inches):
            return [float(v) for v in centres], labels
    if scale.spacing == "log":
        ticks = log_ticks(centres[0], centres[-1])
    else:
        most = max(2, min(5, int(room / 1.5)))
        ticks = linear_ticks(centres[0], centres[-1], most, whole=_whole(centres))
    labels = numbers(ticks)
    while not upright and len(ticks) > 2 and _crowded(labels, inches):
        ticks, labels = ticks[::2], labels[::2]
    return ticks, labels


def _crowded(labels: Sequence[str], inches: float) -> bool:
    return LETTER * sum(length(label) + 2 for label in labels) > inches


def _whole(values: NDArray[np.float64]) -> bool:
    return bool(np.all(values == np.round(values)))


def _thinned(count: int, room: int) -> list[int]:
    """Evenly spaced positions that include the last one, where infinity usually is."""
    step = max(1, math.ceil(count / room))
    return list(range((count - 1) % step, count, step))


def set_ticks(axis: Axis, ticks: Sequence[float], labels: Sequence[str]) -> None:
    """Exactly these ticks, without minor ones."""
    axis.set_major_locator(FixedLocator(list(ticks)))
    text = dict(zip(ticks, labels, strict=True))
    axis.set_major_formatter(FuncFormatter(lambda v, _: text.get(v, "")))
    axis.set_minor_locator(NullLocator())


def round_ticks(
    axis: Axis,
    low: float,
    high: float,
    *,
    logarithmic: bool = False,
    whole: bool = False,
    inches: float | None = None,
) -> None:
    """Round values in [low, high], on an axis of anything but a grid's values.

    inches: how long it is, if the labels stand beside one another.
    """
    ticks = log_ticks(low, high) if logarithmic else linear_ticks(low, high, whole=whole)
    labels = numbers(ticks)
    while inches is not None and len(ticks) > 2 and _crowded(labels, inches):
        ticks, labels = ticks[::2], labels[::2]
    set_ticks(axis, ticks, labels)


def lay_along(axes: Axes, scale: Scale, direction: Literal["x", "y"]) -> None:
    """Give axes the extent and the ticks of a grid's axis, broken before an infinite value."""
    kind = "log" if scale.spacing == "log" else "linear"
    ends = (scale.edges[0], scale.edges[-1])
    axes.set(**{f"{direction}scale": kind, f"{direction}lim": ends})
    width, height = size_of(axes)
    if direction == "x":
        set_ticks(axes.xaxis, *ticks_of(scale, width, upright=False))
    else:
        set_ticks(axes.yaxis, *ticks_of(scale, height, upright=True))
    if scale.gap is not None:
        _break(axes, scale.gap, direction)


def _break(axes: Axes, gap: tuple[float, float], direction: Literal["x", "y"]) -> None:
    """Leave a gap blank, and cut the axis there."""
    if direction == "x":
        axes.axvspan(*gap, facecolor="white", edgecolor="none", zorder=2.2)
        across = axes.get_xaxis_transform()
    else:
        axes.axhspan(*gap, facecolor="white", edgecolor="none", zorder=2.2)
        across = axes.get_yaxis_transform()
    for place in (0.0, 1.0) if axes.spines["top"].get_visible() else (0.0,):
        at = (gap, (place, place)) if direction == "x" else ((place, place), gap)
        options: dict[str, Any] = {"transform": across, "clip_on": False, "color": INK}
        axes.plot(*at, **{**options, "color": "white"}, linewidth=1.4, zorder=5)
        slash = [(-0.5, -1.0), (0.5, 1.0)] if direction == "x" else [(-1.0, -0.5), (1.0, 0.5)]
        axes.plot(*at, **options, linestyle="none", marker=slash, markersize=5, mew=0.6, zorder=6)
