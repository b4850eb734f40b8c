"""How two results differ: cells of one only, other statuses, and by how much the numbers differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sweep.analysis.sides import Pairs, Side, paired
from sweep.models.status import FAILED
from sweep.ode.arrays import Floats, Truths

if TYPE_CHECKING:
    import pandas as pd

TEXTS = ("message",)
NOT_COMPARED = ("cell_id", "status", "wall_s", *TEXTS)
COSTS = ("rhs_evaluations",)
"""Told, but no difference of the results."""


@dataclass(frozen=True)
class Changed:
    """Cells that came out otherwise: `cells` has their parameters that vary."""

    before: str
    after: str
    cells: pd.DataFrame


@dataclass(frozen=True)
class Column:
    """How one column differs among cells with the same status.

    largest: the largest relative difference, at the cell `where`, from `a` to `b` (of a list, those
    of its entries that differ most). beyond: how many cells differ by more than is tolerated.
    one_sided: how many have a value on one side only.
    """

    name: str
    compared: int
    largest: float
    a: float | None
    b: float | None
    where: dict[str, Any]
    beyond: int
    one_sided: int

    @property
    def differs(self) -> bool:
        """Whether that is a difference of the results."""
        return self.name not in COSTS and bool(self.beyond or self.one_sided)


@dataclass(frozen=True)
class Diff:
    """What there is to say of two results. lacking: columns that one side does not have."""

    pairs: Pairs
    only_a: pd.DataFrame
    only_b: pd.DataFrame
    changed: list[Changed]
    columns: list[Column]
    lacking: dict[str, str]

    @property
    def differ(self) -> bool:
        """Whether the results differ in anything but their cost.

        Rows that are left out have an identity that the other side does not have.
        """
        return bool(
            len(self.only_a)
            or len(self.only_b)
            or self.pairs.unclear
            or self.changed
            or any(column.differs for column in self.columns)
        )


def diff(a: Side, b: Side, rtol: float) -> Diff:
    """Compare two results; relative differences up to `rtol` are none. Raises UsageError."""
    pairs = paired(a, b)
    names = _varying(a, b)
    same = (
        (pairs.a["status"] == pairs.b["status"]) & (pairs.a["status"] != FAILED.word)
    ).to_numpy()
    columns, lacking = [], {}
    own_a, own_b = _answers(a), _answers(b)
    for name in dict.fromkeys([*own_a, *own_b]):
        if name in own_a and name in own_b:
            one, other = (side.loc[same, name].to_list() for side in (pairs.a, pairs.b))
            columns.append(_column(name, one, other, pairs.a.loc[same, names], rtol))
        else:
            lacking[name] = b.name if name in own_a else a.name
    return Diff(
        pairs, pairs.only_a[names], pairs.only_b[names], _changed(pairs, names), columns, lacking
    )


def _answers(side: Side) -> list[str]:
    known = (*side.parameters, *NOT_COMPARED)
    return [str(name) for name in side.rows if name not in known]


def _varying(a: Side, b: Side) -> list[str]:
    """The common parameters that tell cells apart."""
    common = [name for name in a.parameters if name in b.parameters]
    values = {name: {*a.rows[name].dropna(), *b.rows[name].dropna()} for name in common}
    return [name for name in common if len(values[name]) > 1]


def _changed(pairs: Pairs, names: Sequence[str]) -> list[Changed]:
    status = pairs.a[[*names, "status"]].assign(after=pairs.b["status"])
    status = status[status["status"] != status["after"]]
    found = [
        Changed(str(before), str(after), cells[[*names]].reset_index(drop=True))
        for (before, after), cells in status.groupby(["status", "after"], sort=False)
    ]
    return sorted(found, key=lambda group: -len(group.cells))


def _column(
    name: str, a: Sequence[Any], b: Sequence[Any], cells: pd.DataFrame, rtol: float
) -> Column:
    numbers = [(_numbers(one), _numbers(other)) for one, other in zip(a, b, strict=True)]
    entries = [_furthest(one, other) for one, other in numbers]
    apart: Floats = np.array([entry[0] for entry in entries], dtype=np.float64)
    one_sided: Truths = np.isnan(apart)
    known = np.where(one_sided, -1.0, apart)
    i = int(known.argmax()) if len(known) and known.max() > 0 else None
    return Column(
        name=name,
        compared=sum(len(one) > 0 and len(other) > 0 for one, other in numbers),
        largest=0.0 if i is None else float(known[i]),
        a=None if i is None else _like(entries[i][1], a[i]),
        b=None if i is None else _like(entries[i][2], b[i]),
        where={} if i is None else {str(n): cells[n].iloc[i] for n in cells},
        beyond=int((known > rtol).sum()),
        one_sided=int(one_sided.sum()),
    )


def _numbers(value: Any) -> Floats:
    """A number, or a list of them; none where there is no value."""
    if value is None:
        return np.empty(0)
    found = np.atleast_1d(np.asarray(value, dtype=np.float64))
    return found[:0] if np.isnan(found).all() else found


def _like(number: float | None, value: Any) -> float | None:
    """A number of a value; an integer where that is one."""
    return int(number) if number is not None and isinstance(value, int) else number


def _furthest(a: Floats, b: Floats) -> tuple[float, float | None, float | None]:
    """The largest difference of any entry, and the two; NaN where one side has no value.

    It is relative to the larger number. In a list it is relative to the largest of all entries,
    since one that should vanish is as large as rounding has left it.
    """
    if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
        return float("nan"), None, None
    differ = np.flatnonzero((a != b) & ~np.isnan(a))
    if not len(differ):
        return 0.0, None, None
    with np.errstate(invalid="ignore"):
        apart = np.abs(a[differ] - b[differ])
        scale = max(np.nanmax(np.abs(a)), np.nanmax(np.abs(b)))
        relative = np.where(np.isfinite(apart), apart / scale, np.inf)
    i = int(relative.argmax())
    return float(relative[i]), float(a[differ[i]]), float(b[differ[i]])
