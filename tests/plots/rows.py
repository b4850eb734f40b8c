"""Made-up rows, as the results of a sweep hold them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from sweep.grid import Axis
from sweep.models.parameters import Value, canonical
from sweep.plots.request import PictureRequest

Axes = Mapping[str, Sequence[Value]]
Cell = Mapping[str, Any]

SYMBOLS = {"K": "K", "eta_w": r"\eta_w", "eta_J": r"\eta_J", "V": "V"}


def rows(axes: Axes, time: Callable[[Cell], float | str | None], **columns: Any) -> pd.DataFrame:
    """One row a cell. `time` gives a time, a status without one, or None for not computed."""
    records = []
    for values in itertools.product(*axes.values()):
        cell = dict(zip(axes, values, strict=True))
        outcome = time(cell)
        timed = isinstance(outcome, float)
        records.append(
            {name: canonical(v) if isinstance(v, tuple) else v for name, v in cell.items()}
            | {
                "target_error": 0.01,
                "status": "reached" if timed else outcome,
                "time_to_target": outcome if timed else math.nan,
            }
            | {name: column(cell) for name, column in columns.items()}
        )
    return pd.DataFrame(records)


def request(axes: Axes, **changes: Any) -> PictureRequest:
    usual: dict[str, Any] = {
        "axes": {name: Axis(name, tuple(values)) for name, values in axes.items()},
        "x": "eta_w",
        "y": "eta_J",
        "facet": "K",
        "symbols": SYMBOLS,
    }
    return PictureRequest(**(usual | changes))


def wedge(cell: Cell) -> float | str:
    """Reached in a wedge of learning rates, as in the figure of the seven panels."""
    K, w, J = cell["K"], cell["eta_w"], cell["eta_J"]
    if w * J > 60:
        return "diverged"
    time = (40.0 + 30.0 * (w - 2.5) ** 2) / (J * K)
    return time if 2.2 - 0.2 * K < w < 3.2 and time < 40.0 else "not_reached"


WEDGE: dict[str, list[Value]] = {
    "K": [3, 4, 5, 6, 7, 8, 9],
    "eta_w": [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0],
    "eta_J": [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0],
}
