"""The courses of cells as a page holds them: each trajectory once, in few bytes.

Times and errors are 32 bit floats. Other series are integers, so many steps from the least to the
largest value of one trajectory, which is finer than a screen shows; a difference from one time to
the next takes fewer bytes than a value does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sweep.analysis.courses import NONE, Courses
from sweep.models.base import Model, Series
from sweep.ode.arrays import Floats
from sweep.plots.html.letters import symbol
from sweep.plots.html.packed import Arrays

STEPS = 1000


def pack(model: Model, found: Courses, arrays: Arrays, *, only: Sequence[str] = ()) -> list[Any]:
    """Add the courses to the arrays. Returns every kind of course: the series that it has.

    only: the series that are wanted; all by default.
    """
    kinds: list[list[dict[str, Any]]] = []
    of_course, floats, steps, ranges = [], [], [], []
    for course in found.courses:
        kind = []
        for name in _order(model, course.series):
            if only and name not in only:
                continue
            declared, values = model.series.get(name, Series()), course.series[name]
            columns = _columns(values, symmetric=declared.symmetric)
            exact = declared.log or not np.isfinite(columns).all()
            kind.append(_described(name, declared, values, exact=exact))
            if exact:
                floats.append(columns.ravel())
            else:
                low, span = float(columns.min()), float(np.ptp(columns)) or 1.0
                whole = np.round((columns - low) / span * STEPS).astype(np.int64)
                steps.append(np.diff(whole, axis=1, prepend=0).ravel())
                ranges.append([low, span / STEPS])
        if kind not in kinds:
            kinds.append(kind)
        of_course.append(kinds.index(kind))
    arrays.add_codes("course", found.of - NONE)
    arrays.add("clock", "f4", found.clock)
    arrays.add_codes("kind", np.array(of_course, dtype=np.int64))
    arrays.add_codes("points", np.array([len(c.time) for c in found.courses], dtype=np.int64))
    arrays.add("time", "f4", _joined([course.time for course in found.courses]))
    arrays.add("floats", "f4", _joined(floats))
    arrays.add("steps", "i2", _joined(steps))
    arrays.add("ranges", "f4", _joined([np.asarray(pair) for pair in ranges]))
    return kinds


def _order(model: Model, held: Any) -> list[str]:
    return [
        *(name for name in model.series if name in held),
        *(n for n in held if n not in model.series),
    ]


def _columns(values: Floats, *, symmetric: bool) -> Floats:
    """A row for every number that changes with time; the upper triangle of a symmetric matrix."""
    if symmetric:
        return values[:, *np.triu_indices(values.shape[1])].T
    return values.reshape(len(values), -1).T


def _described(name: str, declared: Series, values: Floats, *, exact: bool) -> dict[str, Any]:
    return {
        "name": name,
        "symbol": symbol(declared.symbol or name),
        "shape": list(values.shape[1:]),
        "symmetric": declared.symmetric,
        "log": declared.log,
        "exact": exact,
    }


def _joined(parts: Sequence[Any]) -> Any:
    return np.concatenate(parts) if parts else np.empty(0)
