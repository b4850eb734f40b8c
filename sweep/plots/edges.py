"""How the values of an axis lie: evenly, in ratios, or as names; and where the cells' edges are."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sweep.grid.axes import Spacing
from sweep.models.parameters import Value, canonical
from sweep.ode.arrays import Floats

Key = float | str
ScaleKind = Literal["linear", "log", "category"]

EVEN = 1e-6  # the relative unevenness that rounding to 12 digits may leave, with room to spare
LEAST, MOST = 1e-300, 1e300  # what a picture can hold; further out, sums and ratios overflow
GAP_IN_CELLS, LEAST_GAP, LEAST_CELL = 0.2, 0.03, 0.05  # before infinity; parts of the axis
RATIO_OF_TWO_VALUES = 10.0  # two values lie in a ratio and at a distance; from here on, a ratio


@dataclass(frozen=True)
class Scale:
    """An axis of a picture: the centre of every cell, and the edges between them (one more).

    The centres are the values themselves, or 0, 1, 2, … on an axis of names. An infinite value has
    a place beyond the others, and its cell begins with a gap, from where to where `gap` says.
    """

    spacing: ScaleKind
    keys: tuple[Key, ...]
    centres: Floats
    edges: Floats
    gap: tuple[float, float] | None = None

    @property
    def finite(self) -> int:
        """How many of the values, from the first one on, are where they belong."""
        return len(self.keys) - (self.gap is not None)


def key(value: Value) -> Key:
    """A value as axes compare it: numbers as floats, the rest as text.

    Takes canonical values as well as the JSON text that results hold of a matrix parameter.
    """
    if isinstance(value, tuple):
        return canonical(value)
    if isinstance(value, bool | np.bool_):
        return canonical(bool(value))
    if not isinstance(value, str):
        return float(value)
    try:
        raw = json.loads(value)
    except json.JSONDecodeError:
        raw = value
    if isinstance(raw, list):
        return canonical(tuple(tuple(float(entry) for entry in row) for row in raw))
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    return math.inf if raw == "inf" else raw if isinstance(raw, str) else value


def in_order(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Distinct keys: the numbers, ascending, and then all others as given."""
    distinct = dict.fromkeys(keys)
    numbers = sorted(k for k in distinct if isinstance(k, float))
    return (*numbers, *(k for k in distinct if not isinstance(k, float)))


def scale(keys: Sequence[Key], declared: Spacing = "listed") -> Scale:
    """The scale of an axis with these keys (see `in_order`), spaced as declared.

    Numbers whose cells would reach beyond LEAST or MOST are names.
    """
    finite = keys[:-1] if len(keys) > 2 and keys[-1] == math.inf else keys
    kind = spacing(finite, declared)
    if kind == "category":
        return names(keys)
    logarithmic = kind == "log"
    centres = np.asarray(finite, dtype=np.float64)
    with np.errstate(all="ignore"):
        edges = cell_edges(centres, logarithmic=logarithmic)
        gap = None
        if len(finite) < len(keys):
            infinite, end, gap = _set_apart(edges, logarithmic=logarithmic)
            centres, edges = np.append(centres, infinite), np.append(edges, end)
    least = LEAST if logarithmic else -MOST
    if not (least <= edges[0] and edges[-1] <= MOST and np.all(np.diff(edges) > 0)):
        return names(keys)
    return Scale(kind, tuple(keys), centres, edges, gap)


def _set_apart(edges: Floats, *, logarithmic: bool) -> tuple[float, float, tuple[float, float]]:
    """Beyond edges the centre of the cell of infinity, its end, and the gap before it."""
    u = np.log(edges) if logarithmic else edges
    span = u[-1] - u[0]
    step = span / (len(u) - 1)
    gap, width = max(GAP_IN_CELLS * step, LEAST_GAP * span), max(step, LEAST_CELL * span)
    places = u[-1] + np.array([gap + width / 2, gap + width, 0.0, gap])
    centre, end, first, last = (np.exp(places) if logarithmic else places).tolist()
    return centre, end, (first, last)


def names(keys: Sequence[Key]) -> Scale:
    """The scale of an axis whose keys are names, one step from each other."""
    edges = np.arange(len(keys) + 1, dtype=np.float64) - 0.5
    return Scale("category", tuple(keys), edges[:-1] + 0.5, edges)


def spacing(keys: Sequence[Key], declared: Spacing = "listed") -> ScaleKind:
    """Whether ascending keys lie evenly or in ratios; an uneven list goes to what is nearer.

    A single value and lists with a word or a matrix are categories, and so is an infinity here.
    """
    numbers = [k for k in keys if isinstance(k, float) and math.isfinite(k)]
    if len(numbers) != len(keys) or len(keys) < 2:
        return "category"
    if declared != "listed":
        return declared
    values = np.asarray(numbers)
    if values[0] <= 0:
        return "linear"
    with np.errstate(all="ignore"):
        if len(values) == 2:
            return "log" if values[1] / values[0] >= RATIO_OF_TWO_VALUES else "linear"
        difference, ratio = _unevenness(values), _unevenness(np.log(values))
    return "log" if difference > EVEN and ratio < difference else "linear"


def cell_edges(centres: Floats, *, logarithmic: bool) -> Floats:
    """Edges of the cells around two or more ascending centres, shape (n + 1,).

    Between two centres lies their mean, geometric on a logarithmic axis; the outermost cells are
    symmetric about their centres.
    """
    u = np.log(centres) if logarithmic else centres
    between = (u[1:] + u[:-1]) / 2
    edges = np.concatenate(([2 * u[0] - between[0]], between, [2 * u[-1] - between[-1]]))
    return np.exp(edges) if logarithmic else edges


def padded(low: float, high: float, part: float, *, logarithmic: bool) -> tuple[float, float]:
    """A range with so much of its length added at both ends, as far as a picture can hold it."""
    least = LEAST if logarithmic else -MOST
    low, high = max(low, least), max(min(high, MOST), least)
    low = min(low, high)
    if logarithmic:
        pad = math.exp(part * (math.log(high) - math.log(low))) if low < high else 2.0
        return max(low / pad, least), min(high * pad, MOST)
    pad = part * (high - low) or 1.0
    return low - pad, high + pad


def _unevenness(u: Floats) -> float:
    step = np.diff(u)
    return float(np.ptp(step) / step.mean())
