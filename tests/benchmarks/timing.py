"""Times that can be compared: the shortest of interleaved rounds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np


def shortest(rounds: int, *runs: Callable[[], Any]) -> list[float]:
    """The shortest time of each, of rounds in which all of them run in turn."""
    times = np.empty((rounds, len(runs)))
    for row in times:
        for i, run in enumerate(runs):
            begun = time.perf_counter()
            run()
            row[i] = time.perf_counter() - begun
    return [float(best) for best in times.min(axis=0)]
