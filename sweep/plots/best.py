"""The best value of a panel, and whether one cell alone has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sweep.ode.arrays import Floats
from sweep.plots.entries import split_entry
from sweep.plots.request import PictureRequest
from sweep.plots.ticks import number_text

LESS_IS_BETTER = ("time_to_target", "error_final")
ALIKE = 1e-6
"""Values that differ by less of their size are as good; all cells end near a target they meet."""


@dataclass(frozen=True)
class Best:
    """What stands above a panel of its best value, and the row and column of the cell that has it.

    place: None where several have it.
    """

    text: str
    place: tuple[int, int] | None


def best_of(values: Floats, request: PictureRequest, categories: Sequence[str]) -> Best | None:
    """The best of values, shape (y, x); None where there is none, or no end of them is wanted."""
    wanted = _wanted(request)
    if wanted is None or np.isnan(values).all():
        return None
    best = float(np.nanmin(values) if wanted == "least" else np.nanmax(values))
    with np.errstate(over="ignore"):  # of the largest numbers there are
        rows, columns = np.nonzero(np.abs(values - best) <= ALIKE * abs(best))
    text = categories[int(best)] if categories else number_text(best, 3)
    place = (int(rows[0]), int(columns[0])) if len(rows) == 1 else None
    return Best(f"{'min' if wanted == 'least' else 'max'} {text}", place)


def _wanted(request: PictureRequest) -> Literal["least", "most"] | None:
    """Which end of the values is the best one."""
    if request.statistic not in ("median", "mean"):
        return None
    if request.value in LESS_IS_BETTER:
        return "least"
    column = request.columns.get(split_entry(request.value)[0])
    return column.best if column else None
