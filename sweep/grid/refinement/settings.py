"""The `[refine]` section of a grid file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sweep.errors import ParameterError
from sweep.grid.axes import LONGEST_AXIS, Axis, read_axis
from sweep.grid.problems import unknown
from sweep.models.base import Model
from sweep.models.parameters import Parameter, as_integer, shown

REFINE_KEYS = ("levels", "axes", "by", "level", "probes", "tolerance")
MOST_LEVELS, MOST_AXES, MOST_POINTS, MOST_PROBES = 12, 3, 50_000_000, 1_000_000

LEAST_TOLERANCE = 1e-10

STATUS, FRACTION = "status", "fraction"
FLOATS = ("time_to_target", "error_initial", "error_final", "time_final")
SEED = "seed"

Table = Mapping[str, object]


@dataclass(frozen=True)
class Refinement:
    """Of which finer grid a grid is the coarsest level, and what it is computed for.

    axes: the finest ones, among whose values those of the grid are. by: the status, the fraction of
    the seeds that reach the target, or a column of numbers. level: what a column, or the fraction,
    is below on one side of the boundary; None where any change of it is one. probes: how many
    cells away from the boundary are computed as well. tolerance: relative, to which crossings of
    the finest boxes are bracketed; None where those boxes are enough.
    """

    levels: int
    axes: Mapping[str, Axis]
    by: str = STATUS
    level: float | None = None
    probes: int = 0
    tolerance: float | None = None


def read_refinement(
    table: Table,
    raw_axes: Table,
    model: Model,
    axes: Mapping[str, Axis],
    zipped: Iterable[Sequence[str]],
    drawn: Iterable[str | None],
) -> Refinement:
    """The section, checked. drawn: which axes a picture would have, the likeliest first.

    raw_axes: the axes as the file has them. Raises ParameterError.
    """
    if "levels" not in table:
        raise ParameterError("levels", "is missing; say how often boxes are halved, as levels = 4")
    levels = _integer(table, "levels", 1, MOST_LEVELS, 1)
    names = _names(table.get("axes"), raw_axes, drawn)
    declared = {parameter.name: parameter for parameter in model.parameters}
    finest = {}
    for name in names:
        if any(name in group for group in zipped):
            raise ParameterError("axes", f"{name} is zipped, so it cannot be refined by itself")
        form, count = _form(name, raw_axes[name], axes[name])
        points = (count - 1) * 2**levels + 1
        if points > LONGEST_AXIS:
            raise _too_fine(f"{points:,} values of {name}", LONGEST_AXIS)
        finest[name] = read_axis(declared[name], {form: raw_axes[name][form], "n": points})  # type: ignore[index]
    total = math.prod(len(axis.values) for axis in {**axes, **finest}.values())
    if total > MOST_POINTS:
        raise _too_fine(f"{total:,} cells of the finest grid", MOST_POINTS)
    by, level = _by(table, model)
    probes = _integer(table, "probes", 0, MOST_PROBES, 0)
    tolerance = _tolerance(table, [declared[name] for name in names])
    return Refinement(levels, finest, by, level, probes, tolerance)


def _names(raw: object, axes: Table, drawn: Iterable[str | None]) -> list[str]:
    if raw is None:
        likely = [name for name in (*drawn, *axes) if name and name in axes and name != SEED]
        spaced = [name for name in dict.fromkeys(likely) if _form_of(axes[name])]
        names = spaced[:2]
        if not names:
            raise ParameterError(
                "axes", "there is no axis like {lin = [a, b], n = …} or {log = [a, b], n = …}"
            )
        return names
    good = isinstance(raw, list) and raw and all(isinstance(name, str) for name in raw)
    if not isinstance(raw, list) or not good:
        raise ParameterError("axes", f'found {shown(raw)}; allowed is a list, like ["eta_w"]')
    for name in raw:
        if name not in axes:
            raise ParameterError("axes", str(unknown(name, "axis of this grid", axes)))
    if len(set(raw)) < len(raw):
        raise ParameterError("axes", f"found {shown(raw)}; allowed is every axis once")
    if len(raw) > MOST_AXES:
        raise ParameterError("axes", f"found {len(raw)} axes; allowed are at most {MOST_AXES}")
    return raw


def _form(name: str, raw: object, axis: Axis) -> tuple[str, int]:
    """How an axis is spaced, and the number of its values."""
    form = _form_of(raw)
    if form is None:
        raise ParameterError(
            "axes",
            f"{name} is no axis like {{lin = [a, b], n = …}} or {{log = [a, b], n = …}}, between "
            "whose values there are others",
        )
    return form, len(axis.values)


def _form_of(raw: object) -> str | None:
    """Whether an axis is lin or log; None where it is neither."""
    return next((f for f in ("lin", "log") if isinstance(raw, Mapping) and f in raw), None)


def _by(table: Table, model: Model) -> tuple[str, float | None]:
    by, level = table.get("by", STATUS), table.get("level")
    integers = [name for name, kind in model.number_columns.items() if kind == "int64"]
    floats = [*FLOATS, *(name for name in model.number_columns if name not in integers)]
    known = [STATUS, FRACTION, *integers, *floats]
    if not isinstance(by, str) or by not in known:
        raise ParameterError("by", str(unknown(str(by), "column to refine by", known)))
    if level is None:
        if by in floats or by == FRACTION:
            raise ParameterError("level", f"is missing; {by} needs one, as in level = 0.01")
        return by, None
    number = isinstance(level, int | float) and not isinstance(level, bool)
    if by == STATUS or not number or not math.isfinite(level):  # type: ignore[arg-type]
        allowed = "none, as status has no levels" if by == STATUS else "a finite number"
        raise ParameterError("level", f"found {shown(level)}; allowed is {allowed}")
    return by, float(level)  # type: ignore[arg-type]


def _tolerance(table: Table, refined: Iterable[Parameter]) -> float | None:
    if "tolerance" not in table:
        return None
    raw = table["tolerance"]
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    if not is_number or not LEAST_TOLERANCE <= raw < 1:  # type: ignore[operator]
        raise ParameterError(
            "tolerance",
            f"found {shown(raw)}; allowed is a number from {LEAST_TOLERANCE:g} to below 1, like "
            "1e-6 (values have 12 digits)",
        )
    for parameter in refined:
        if parameter.kind != "real" or parameter.whole:
            raise ParameterError(
                "tolerance",
                f"{parameter.name} has whole values only, so there is none closer to the boundary; "
                "leave it out",
            )
    return float(raw)  # type: ignore[arg-type]


def _integer(table: Table, key: str, least: int, most: int, default: int) -> int:
    raw = table.get(key, default)
    number = as_integer(raw)
    if number is None or not least <= number <= most:
        raise ParameterError(
            key, f"found {shown(raw)}; allowed is an integer from {least} to {most:,}"
        )
    return number


def _too_fine(found: str, most: int) -> ParameterError:
    return ParameterError("levels", f"comes to {found}; allowed are at most {most:,}; take fewer")
