"""Where between two places a function vanishes that is another one on either side of its zero.

Six places are known of a crossing: the last three on the one side of it, and the first three on
the other, so that it lies between the third and the fourth.
"""

from __future__ import annotations

import numpy as np

from sweep.ode.arrays import Floats, Truths

SIDE = 3
"""So many places are known on either side."""

UNSURE = 0.25
"""How far off a zero may be of which one line alone tells, as a part of the way to it."""


def zeros(places: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The zeros and how far off each may be; NaN where none is found. places: shape (n, 6).

    values: of the function, NaN where there is none. On either side the zero is that of the inverse
    parabola through three places, or of the line through two; of both zeros the surer one counts.
    Where there is none, that of the line across counts.
    """
    low, high = places[:, SIDE - 1], places[:, SIDE]
    with np.errstate(all="ignore"):
        found, off = _zero_of(places[:, :SIDE], values[:, :SIDE], low, high)
        after, off_after = _zero_of(places[:, :-4:-1], values[:, :-4:-1], low, high)
        rise = values[:, SIDE] - values[:, SIDE - 1]
        across = low - values[:, SIDE - 1] * (high - low) / rise
        across = np.where(_within(across, low, high), across, np.nan)
        found = np.where(off_after < off, after, found)
        off = np.minimum(off, off_after)
        nowhere = np.isinf(off)
        found = np.where(nowhere, across, found)
        return found, np.where(nowhere, UNSURE * (high - low), off)


def _zero_of(places: Floats, values: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """From one side, the place next to the zero last. How far off: infinite where there is none."""
    x0, x1, x2 = places.T
    f0, f1, f2 = values.T
    line = x2 - f2 * (x2 - x1) / (f2 - f1)
    parabola = (
        x0 * f1 * f2 / ((f0 - f1) * (f0 - f2))
        + x1 * f0 * f2 / ((f1 - f0) * (f1 - f2))
        + x2 * f0 * f1 / ((f2 - f0) * (f2 - f1))
    )
    good = _within(parabola, low, high)
    found = np.where(good, parabola, line)
    off = np.where(good, np.abs(parabola - line), UNSURE * np.abs(line - x2))
    return found, np.where(_within(found, low, high), off, np.inf)


def _within(places: Floats, low: Floats, high: Floats) -> Truths:
    inside: Truths = (places >= low) & (places <= high)
    return inside
