"""Fewer points of curves, so that straight lines between them still look like the curves."""

from __future__ import annotations

import heapq

import numpy as np

from sweep.ode.arrays import Floats, Index


def thinned(time: Floats, curves: Floats, tolerance: float, most: int) -> Index:
    """The positions to keep of n points that several curves share, at most so many of them.

    curves: (n × curves), in units in which all errors count alike. Wherever straight lines between
    the points kept are further off than the tolerance, the point that is furthest off is kept too.
    """
    kept = {0, len(time) - 1}
    gaps: list[tuple[float, int, int, int]] = []

    def look(first: int, last: int) -> None:
        if last - first > 1:
            off, at = _furthest(time[first : last + 1], curves[first : last + 1])
            if off > tolerance:
                heapq.heappush(gaps, (-off, first, first + at, last))

    look(0, len(time) - 1)
    while gaps and len(kept) < most:
        _, first, at, last = heapq.heappop(gaps)
        kept.add(at)
        look(first, at)
        look(at, last)
    return np.array(sorted(kept), dtype=np.int64)


def _furthest(time: Floats, curves: Floats) -> tuple[float, int]:
    """How far the curves are at most from the straight lines between their ends, and where."""
    part = ((time - time[0]) / (time[-1] - time[0]))[:, None]
    off = np.abs(curves - (curves[0] + part * (curves[-1] - curves[0]))).max(axis=1)
    at = int(off.argmax())
    return float(off[at]), at
