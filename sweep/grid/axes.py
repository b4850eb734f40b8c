"""One axis, from a list of values, or from `{int = …}`, `{lin = …}`, `{log = …}`.

Spaced values are computed in decimal arithmetic with many more digits than are kept. So they
depend on no platform's floating point, and a value that two grids share is the same value in both,
however each grid arrives at it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Literal

from sweep.errors import ParameterError
from sweep.grid.problems import unknown
from sweep.models.parameters import Parameter, Value, as_integer, shown

Spacing = Literal["linear", "log", "listed"]

DIGITS = 40
LONGEST_AXIS = 1_000_000
COUNT_KEY = {"int": "step", "lin": "n", "log": "n"}
SPACING: Mapping[str, Spacing] = {"int": "linear", "lin": "linear", "log": "log"}
FORMS = "a list of values, {int = [a, b]}, {lin = [a, b], n = …} or {log = [a, b], n = …}"


@dataclass(frozen=True)
class Axis:
    """A swept parameter: its values, in canonical form and in the order of the file.

    spacing: evenly, in ratios, or as a list has them, which may be anyhow.
    """

    name: str
    values: tuple[Value, ...]
    spacing: Spacing = "listed"


def read_axis(parameter: Parameter, raw: object) -> Axis:
    """The axis of `parameter`.

    Raises ParameterError for an axis that is empty, repeats a value, or has one out of range.
    """
    spacing: Spacing = "listed"
    if isinstance(raw, list):
        spaced: Iterable[object] = raw
    elif isinstance(raw, Mapping):
        form = _form(parameter.name, raw)
        spacing, spaced = SPACING[form], _spaced(parameter.name, form, raw)
    else:
        raise ParameterError(
            parameter.name,
            f"found {shown(raw)}; allowed is {FORMS} (a single value belongs in [fixed])",
        )
    values = tuple(parameter.coerce(value) for value in spaced)
    _check_distinct(parameter.name, values)
    return Axis(parameter.name, values, spacing)


def _check_distinct(name: str, values: tuple[Value, ...]) -> None:
    if not values:
        raise ParameterError(name, "found an empty list; an axis needs at least one value")
    seen: set[Value] = set()
    for value in values:
        if value in seen:
            raise ParameterError(
                name, f"found {shown(value)} twice (at 12 significant digits); keep one of them"
            )
        seen.add(value)


def _spaced(name: str, form: str, table: Mapping[str, object]) -> Iterable[object]:
    if form == "int":
        return _integers(name, table)
    low, high = _bounds(name, form, table[form])
    count = _count(name, "n", table.get("n"), least=2)
    if count > LONGEST_AXIS:
        raise _too_long(name, count)
    return _linear(low, high, count) if form == "lin" else _logarithmic(low, high, count)


def _form(name: str, table: Mapping[str, object]) -> str:
    """Which of int, lin, log the table is, with no other keys than go with it."""
    forms = [form for form in COUNT_KEY if form in table]
    known = {key for form in forms or COUNT_KEY for key in (form, COUNT_KEY[form])}
    for key in table:
        if key not in known:
            raise ParameterError(name, str(unknown(key, "key here", sorted(known))))
    if len(forms) != 1:
        raise ParameterError(name, f"found {shown(table)}; allowed is {FORMS}")
    return forms[0]


def _integers(name: str, table: Mapping[str, object]) -> Iterable[int]:
    bounds = table["int"]
    ends = [as_integer(bound) for bound in bounds] if isinstance(bounds, list) else []
    low, high = ends if len(ends) == 2 else (None, None)
    if low is None or high is None:
        raise ParameterError(name, f"int: found {shown(bounds)}; allowed is [a, b], two integers")
    if low > high:
        raise ParameterError(
            name, f"int: found {shown(bounds)}; the first must not exceed the last"
        )
    values = range(low, high + 1, _count(name, "step", table.get("step", 1), least=1))
    # len(range) overflows for huge bounds, hence the division
    if (high - low) // values.step >= LONGEST_AXIS:
        raise _too_long(name, (high - low) // values.step + 1)
    return values


def _bounds(name: str, form: str, raw: object) -> tuple[Decimal, Decimal]:
    allowed = "[a, b], two positive numbers" if form == "log" else "[a, b], two finite numbers"
    if not isinstance(raw, list) or len(raw) != 2 or not all(map(_is_finite, raw)):
        raise ParameterError(name, f"{form}: found {shown(raw)}; allowed is {allowed}")
    if form == "log" and min(raw) <= 0:
        raise ParameterError(name, f"log: found {shown(raw)}; allowed is {allowed}")
    if raw[0] >= raw[1]:
        raise ParameterError(name, f"{form}: found {shown(raw)}; the first must be below the last")
    # repr, because the user means the decimal number that was written
    return Decimal(repr(float(raw[0]))), Decimal(repr(float(raw[1])))


def _count(name: str, key: str, raw: object, least: int) -> int:
    if raw is None:
        raise ParameterError(name, f"{key} is missing; say how many values, like {key} = 32")
    count = as_integer(raw)
    if count is None or count < least:
        raise ParameterError(name, f"{key}: found {shown(raw)}; allowed is an integer ≥ {least}")
    return count


def _linear(low: Decimal, high: Decimal, count: int) -> Iterable[float]:
    """`count` values from low to high; a zero between them is exactly zero."""
    exact = Context(prec=DIGITS)
    last = Decimal(count - 1)
    for i in range(count):
        weighted = exact.add(exact.multiply(low, last - i), exact.multiply(high, Decimal(i)))
        yield float(exact.divide(weighted, last))


def _logarithmic(low: Decimal, high: Decimal, count: int) -> Iterable[float]:
    """`count` values from low to high with one ratio between neighbours."""
    exact = Context(prec=DIGITS)
    span = exact.subtract(exact.ln(high), exact.ln(low))
    ratio = exact.exp(exact.divide(span, Decimal(count - 1)))
    value = low
    for _ in range(count - 1):
        yield float(value)
        value = exact.multiply(value, ratio)
    yield float(high)


def _is_finite(raw: object) -> bool:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return False
    try:
        return math.isfinite(raw)
    except OverflowError:
        return False


def _too_long(name: str, count: int) -> ParameterError:
    return ParameterError(
        name, f"found an axis of {shown(count)} values; allowed are at most {LONGEST_AXIS:,}"
    )
