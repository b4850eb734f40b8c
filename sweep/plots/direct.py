"""Labels at the ends of lines instead of a legend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sweep.ode.arrays import Floats


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> Floats:
    """Positions near the wanted ones, in their order, at least `gap` apart and within [low, high].

    The least squares solution (pool adjacent violators); where the labels do not fit into the
    interval they are packed evenly.
    """
    target = np.asarray(wanted, dtype=np.float64)
    if target.size == 0:
        return target
    order = np.argsort(target, kind="stable")
    gap = min(gap, (high - low) / max(1, target.size - 1))
    offsets = gap * np.arange(target.size)
    means = _isotonic(target[order] - offsets)
    placed = np.clip(means, low, high - offsets[-1]) + offsets
    out = np.empty_like(target)
    out[order] = placed
    return out


def _isotonic(values: Floats) -> Floats:
    """The ascending sequence nearest to `values` in the sense of least squares."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, number = blocks.pop()
            mean = (mean * count + before * number) / (count + number)
            count += number
        blocks.append((mean, count))
    return np.concatenate([np.full(count, mean) for mean, count in blocks])
