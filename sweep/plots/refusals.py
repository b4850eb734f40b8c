"""What no picture can be made of, and the cure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sweep.errors import UsageError
from sweep.grid.problems import unknown
from sweep.models.seeds import SEED, STATISTICS
from sweep.plots.columns import STATUS, factorized, listed
from sweep.plots.request import PictureRequest

if TYPE_CHECKING:
    import pandas as pd


def check_request(frame: pd.DataFrame, request: PictureRequest, drawn: list[str]) -> None:
    for role, name in request.parts.items():
        if name is not None and name not in request.axes:
            raise UsageError(f"{role}: {unknown(name, 'axis', request.axes)}")
    if request.y is not None and request.series is not None:
        raise UsageError("series: goes with lines; leave out y, or give each value a panel (facet)")
    if len(set(drawn)) < len(drawn):
        raise UsageError(f"x, y, facet and series must differ; found {', '.join(drawn)}")
    if request.statistic not in STATISTICS:
        raise UsageError(str(unknown(request.statistic, "statistic", STATISTICS)))
    if request.value not in frame.columns:
        numeric = frame.select_dtypes("number").columns
        raise UsageError(f"value: {unknown(request.value, 'column', [*map(str, numeric), STATUS])}")
    for name in request.where:
        if name not in frame.columns:
            raise UsageError(f"where: {unknown(name, 'axis', request.axes)}")


def refuse_other_axes(
    frame: pd.DataFrame, request: PictureRequest, place: NDArray[np.int64], drawn: Sequence[str]
) -> None:
    """Raise where an axis other than seed takes several values at one place."""
    order = np.argsort(place, kind="stable")
    same_place = np.diff(place[order]) == 0
    for name in request.axes:
        if name in drawn or name == SEED:
            continue
        codes, uniques = factorized(frame, name)
        if np.any(same_place & (np.diff(codes[order]) != 0)):
            raise UsageError(
                f"{name}: takes several values ({listed(uniques)}) that this picture would lay "
                f"on top of one another; {_cure(name, request)}keep one of them (where "
                f"{name}={listed(uniques[:1])})"
            )


def _cure(name: str, request: PictureRequest) -> str:
    """Which part the axis could have."""
    if request.y is None and request.series is None:
        return f"give each a line (series = {name}) or "
    if request.facet is not None:
        return f"draw a matrix of panels (rows = {request.facet}, columns = {name}) or "
    if request.rows is None or request.columns_of is None:
        free = "columns" if request.columns_of is None and request.rows is not None else "rows"
        part = free if request.is_matrix else "facet"
        return f"give each a panel ({part} = {name}) or "
    return ""


def refuse_statistic(request: PictureRequest) -> None:
    """Raise where the statistic is over seeds; there is one row at most at any place."""
    if request.statistic != "median":
        raise UsageError(
            f"statistic: found {request.statistic}, which needs several seeds at a place of the "
            "picture; leave it out, or give the grid an axis seed"
        )


def refuse_words(frame: pd.DataFrame, request: PictureRequest) -> None:
    import pandas as pd

    words = request.value != STATUS and not pd.api.types.is_numeric_dtype(frame[request.value])
    if words and request.statistic != "fraction" and frame[request.value].notna().any():
        raise UsageError(
            f"value: {request.value} holds words, which have no {request.statistic}; keep one seed"
        )
