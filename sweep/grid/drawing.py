"""The [plot] table: what is drawn of a grid, and how; also as options and from Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from sweep.errors import ParameterError
from sweep.grid.problems import unknown
from sweep.models.parameters import Parameter, Value, as_integer, rounded, shown
from sweep.models.seeds import STATISTICS, Statistic

PlotScale = Literal["log", "linear", "symmetric"]
PLOT_SCALES: tuple[str, ...] = get_args(PlotScale)

PLOT_AXES = ("x", "y", "facet", "series", "rows", "columns")
"""The parts that an axis can have in a picture."""

TO = ".."
"""Between the ends of a range that is told by a text, either of which may be left out."""

NARROWEST, WIDEST = 1.0, 60.0  # inches
COARSEST, FINEST = 20, 2400  # dots per inch

Table = Mapping[str, Any]
Declared = Mapping[str, Parameter]


@dataclass(frozen=True)
class Between:
    """A range of an axis, both ends included."""

    between: tuple[float, float]

    def holds(self, value: Value) -> bool:
        """Whether a value lies in it; words and matrices lie in none."""
        low, high = self.between
        return isinstance(value, int | float) and low <= value <= high


Kept = tuple[Value | Between, ...]
"""What is kept of an axis: all that is named by one of these."""


@dataclass(frozen=True)
class PlotSettings:
    """The `[plot]` section; None where the file leaves the choice to `sweep plot`.

    x, y, facet, series, rows, columns: the parts that axes have. where: what is kept of axes, in
    canonical form. level: a value that lines are compared with; by default the target, where errors
    are drawn. boundary: whether heatmaps show the edge of the reached region as a line. statistic:
    over seeds; quantiles: between which lines have a band. limits, scale: of the colours, or of
    the heights of lines. contours: of which values heatmaps have level lines. width: in inches.
    labels: what parameters and columns are called.
    """

    x: str | None = None
    y: str | None = None
    facet: str | None = None
    series: str | None = None
    value: str | None = None
    level: float | None = None
    boundary: bool | None = None
    rows: str | None = None
    columns: str | None = None
    where: Mapping[str, Kept] = field(default_factory=dict)
    statistic: Statistic | None = None
    quantiles: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None
    scale: PlotScale | None = None
    contours: tuple[float, ...] | None = None
    width: float | None = None
    dpi: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


PLOT_KEYS = tuple(field.name for field in fields(PlotSettings))


def read_settings(table: Table, declared: Declared) -> PlotSettings:
    """What a table with no other keys than PLOT_KEYS says. Raises ParameterError.

    Values are as a file has them; those of `where` may also be told by texts.
    """
    read: dict[str, Callable[[str, Any], object]] = {
        **dict.fromkeys((*PLOT_AXES, "value"), _text),
        "level": _number,
        "boundary": _flag,
        "where": lambda key, raw: _where(key, raw, declared),
        "statistic": lambda key, raw: _one_of(key, raw, STATISTICS),
        "quantiles": _quantiles,
        "limits": _limits,
        "scale": lambda key, raw: _one_of(key, raw, PLOT_SCALES),
        "contours": _contours,
        "width": _width,
        "dpi": _dots,
        "labels": _labels,
    }
    found: dict[str, Any] = {key: read[key](key, raw) for key, raw in table.items()}
    _check_parts({key: found[key] for key in PLOT_AXES if key in found}, declared)
    return PlotSettings(**found)


def _check_parts(parts: Mapping[str, str], declared: Declared) -> None:
    users: dict[str, str] = {}
    for key, name in parts.items():
        if name not in declared:
            raise ParameterError(key, str(unknown(name, "parameter", declared)))
        if name in users:
            raise ParameterError(key, f"found {name}, which is {users[name]} already")
        users[name] = key
    if "facet" in parts and {"rows", "columns"} & parts.keys():
        raise ParameterError("facet", "goes without rows and columns; name it as one of the two")


def _text(key: str, raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise _refused(key, raw, "a text that is not empty")
    return raw


def _one_of(key: str, raw: object, known: tuple[str, ...]) -> str:
    word = _text(key, raw)
    if word not in known:
        raise ParameterError(key, str(unknown(word, key, known)))
    return word


def _flag(key: str, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise _refused(key, raw, "true or false")
    return raw


def _number(key: str, raw: object) -> float:
    if not _is_finite(raw):
        raise _refused(key, raw, "a number")
    return rounded(float(raw))  # type: ignore[arg-type]


def _pair(key: str, raw: object, allowed: str) -> tuple[float, float]:
    if not isinstance(raw, list | tuple) or len(raw) != 2 or not all(map(_is_finite, raw)):
        raise _refused(key, raw, allowed)
    low, high = (_number(key, end) for end in raw)
    if not low < high:
        raise _refused(key, raw, allowed)
    return low, high


def _limits(key: str, raw: object) -> tuple[float, float]:
    return _pair(key, raw, "[low, high], two numbers, the first below the second")


def _quantiles(key: str, raw: object) -> tuple[float, float]:
    allowed = "[low, high], two numbers from 0 to 1, as in [0.25, 0.75]"
    low, high = _pair(key, raw, allowed)
    if low < 0 or high > 1:
        raise _refused(key, raw, allowed)
    return low, high


def _contours(key: str, raw: object) -> tuple[float, ...]:
    levels = raw if isinstance(raw, list | tuple) else [raw]
    if not levels or not all(map(_is_finite, levels)):
        raise _refused(key, raw, "a list of numbers, as in [0.01, 0.1]")
    return tuple(sorted({_number(key, level) for level in levels}))


def _width(key: str, raw: object) -> float:
    if not _is_finite(raw) or not NARROWEST <= raw <= WIDEST:  # type: ignore[operator]
        raise _refused(key, raw, f"a number of inches from {NARROWEST:g} to {WIDEST:g}")
    return float(raw)  # type: ignore[arg-type]


def _dots(key: str, raw: object) -> int:
    dots = as_integer(raw)
    if dots is None or not COARSEST <= dots <= FINEST:
        raise _refused(key, raw, f"an integer from {COARSEST} to {FINEST}, dots per inch")
    return dots


def _labels(key: str, raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        raise _refused(key, raw, 'a table, as in { eta_w = "inner rate" }')
    return {name: _text(f"{key}: {name}", text) for name, text in raw.items()}


def _where(key: str, raw: object, declared: Declared) -> dict[str, Kept]:
    if not isinstance(raw, Mapping):
        raise _refused(key, raw, "a table, as in { eta_J = 3.0 }")
    kept = {}
    for name, given in raw.items():
        if name not in declared:
            raise ParameterError(key, str(unknown(name, "parameter", declared)))
        try:
            kept[name] = _kept(declared[name], given)
        except ParameterError as error:
            raise ParameterError(key, str(error)) from None
    return kept


def _kept(parameter: Parameter, given: object) -> Kept:
    several = isinstance(given, list | tuple) and not _is_matrix(given)
    entries: list[object] = list(given) if several else [given]  # type: ignore[call-overload]
    if not entries:
        raise _refused(parameter.name, given, "a value, a list of values or { between = [1, 4] }")
    return tuple(dict.fromkeys(_entry(parameter, entry) for entry in entries))


def _entry(parameter: Parameter, raw: object) -> Value | Between:
    if isinstance(raw, str) and TO in raw and raw not in parameter.choices:
        ends = [part.strip() for part in raw.split(TO, 1)]
        raw = {"between": [_end(end, least) for end, least in zip(ends, (-1, 1), strict=True)]}
    if isinstance(raw, Mapping):
        return Between(_range(parameter.name, raw))
    return parameter.parse(raw) if isinstance(raw, str) else parameter.coerce(raw)


def _end(text: str, sign: int) -> object:
    """The end of a range, as far as it is a number; one that is left out lies at infinity."""
    try:
        return float(text) if text else sign * math.inf
    except ValueError:
        return text


def _range(name: str, raw: Table) -> tuple[float, float]:
    ends = raw.get("between")
    if list(raw) == ["between"] and isinstance(ends, list | tuple) and len(ends) == 2:
        numbers = [end for end in ends if isinstance(end, int | float) and not _is_flag_or_nan(end)]
        if len(numbers) == 2 and numbers[0] <= numbers[1]:
            return float(numbers[0]), float(numbers[1])
    raise _refused(name, raw, "{ between = [low, high] }, with two numbers, the lower one first")


def _is_matrix(raw: object) -> bool:
    """Whether a list is one value: a list of rows of numbers."""
    return isinstance(raw, list | tuple) and all(
        isinstance(row, list | tuple) and not any(isinstance(e, list | tuple) for e in row)
        for row in raw
    )


def _is_flag_or_nan(raw: float) -> bool:
    return isinstance(raw, bool) or raw != raw


def _is_finite(raw: object) -> bool:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return False
    return abs(raw) <= 1e300


def _refused(key: str, raw: object, allowed: str) -> ParameterError:
    return ParameterError(key, f"found {shown(raw)}; allowed is {allowed}")
