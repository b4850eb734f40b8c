"""Declared parameters: what a model can be told, of which type, within which bounds.

A value is kept in one canonical form (`Value`), so that equal values are equal as Python objects,
hash alike, and give the same JSON text, from which the identity of a cell is made.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sweep.errors import ParameterError

Matrix = tuple[tuple[float, ...], ...]
Value = int | float | str | Matrix
Kind = Literal["integer", "real", "word", "flag", "matrix"]

SIGNIFICANT_DIGITS = 12
LARGEST_INTEGER = 2**53


@dataclass(frozen=True)
class Parameter:
    """One parameter of a model, or one of its solver settings.

    kind: ``integer``; ``real`` (with ``whole``: an integer that may also be ``inf``); ``word`` (one
    of ``choices``); ``flag`` (true or false); ``matrix`` (a number, one of ``choices``, or a list
    of rows; kept as JSON text in the results). ``low`` and ``high`` bound numbers, inclusively
    unless ``open_low`` or ``open_high`` is set.
    ``later`` marks a parameter that came after the model's first release: it enters the identity
    of a cell only where it differs from its default, so that older results keep their identity.
    """

    name: str
    kind: Kind
    default: Value
    meaning: str
    symbol: str = ""
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    infinite: bool = False
    whole: bool = False
    choices: tuple[str, ...] = ()
    later: bool = False

    def coerce(self, raw: object) -> Value:
        """`raw`, as read from a file or a command line, in canonical form.

        Raises ParameterError where the type or the range is wrong.
        """
        if self.kind == "flag" and isinstance(raw, bool):
            return raw
        if self.kind == "flag" or isinstance(raw, bool) or raw is None:
            raise self._refused(raw)
        if self.kind == "matrix" and isinstance(raw, Sequence) and not isinstance(raw, str):
            return self._matrix(raw)
        if isinstance(raw, str):
            if raw in self.choices:
                return raw
            raise self._refused(raw)
        if self.kind == "word" or not isinstance(raw, int | float):
            raise self._refused(raw)
        return self._number(raw)

    def allowed(self) -> str:
        """What values are allowed, in words."""
        if self.kind == "word":
            return "one of " + ", ".join(self.choices)
        if self.kind == "flag":
            return "true or false"
        number = "an integer" if self.kind == "integer" or self.whole else "a number"
        if math.isfinite(self.low):
            number += f" {'>' if self.open_low else '≥'} {self.low:g}"
        if math.isfinite(self.high):
            sign = "<" if self.open_high else "≤"
            number += f"{' and' if math.isfinite(self.low) else ''} {sign} {self.high:g}"
        if self.infinite:
            number += " or inf"
        if self.kind == "matrix":
            return ", ".join([number, *self.choices]) + " or a matrix (a list of rows)"
        return number

    def parse(self, text: str) -> Value:
        """`text` from a command line (``3``, ``inf``, ``graded``, ``[[1, 0], [0, 2]]``)."""
        text = text.strip()
        if text in self.choices:
            return text
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):  # among them a number of too many digits
            raw = math.inf if text in ("inf", "+inf") else text
        return self.coerce(raw)

    def parse_all(self, given: Sequence[object]) -> tuple[Value, ...]:
        """The values given, or told by a text, each value once."""
        values = (self.parse(raw) if isinstance(raw, str) else self.coerce(raw) for raw in given)
        return tuple(dict.fromkeys(values))

    def _number(self, raw: int | float) -> Value:
        above = self.low < raw if self.open_low else self.low <= raw
        below = raw < self.high if self.open_high else raw <= self.high
        if not (above and below):  # as with NaN
            raise self._refused(raw)
        if isinstance(raw, float) and math.isinf(raw):
            if self.infinite:
                return float(raw)
            raise self._refused(raw)
        if self.kind == "integer" or self.whole:
            return self._integer(raw)
        if abs(raw) > sys.float_info.max:  # integers in a file may be of any size
            raise self._refused(raw, f"; the largest number is {sys.float_info.max:.3g}")
        return rounded(float(raw))

    def _integer(self, raw: int | float) -> Value:
        if abs(raw) > LARGEST_INTEGER:
            raise self._refused(raw, f"; the largest integer is 2^53 = {LARGEST_INTEGER}")
        integer = as_integer(raw)
        if integer is None:
            raise self._refused(raw)
        return integer if self.kind == "integer" else float(integer)

    def _matrix(self, raw: Sequence[object]) -> Matrix:
        rows = []
        for row in raw:
            numeric = isinstance(row, Sequence) and not isinstance(row, str)
            if not numeric or not all(_is_finite_number(entry) for entry in row):  # type: ignore[attr-defined]
                raise self._refused(raw)
            rows.append(tuple(rounded(float(entry)) for entry in row))  # type: ignore[attr-defined]
        if not rows or len({len(row) for row in rows}) != 1 or not rows[0]:
            raise self._refused(raw)
        return tuple(rows)

    def _refused(self, raw: object, limit: str = "") -> ParameterError:
        return ParameterError(self.name, f"found {shown(raw)}; allowed is {self.allowed()}{limit}")


def number(value: Value) -> float:
    """`value`, which is declared to be a number."""
    assert isinstance(value, int | float)
    return float(value)


def as_integer(raw: object) -> int | None:
    """`raw` as an integer, however it is written (3, 3.0); None where it is none."""
    if isinstance(raw, int):
        return None if isinstance(raw, bool) else raw
    return int(raw) if isinstance(raw, float) and raw.is_integer() else None


def rounded(value: float) -> float:
    """`value` at 12 significant digits; -0.0 becomes 0.0."""
    return float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}") + 0.0


def shown(raw: object) -> str:
    """A value as the user wrote it, short enough for one line."""
    if isinstance(raw, float):
        text = f"{raw:.{SIGNIFICANT_DIGITS}g}"
        text = text if float(text) == raw else repr(raw)
    else:
        try:
            text = json.dumps(raw, default=str, ensure_ascii=False)
        except (ValueError, RecursionError):  # a number of too many digits, or nested too deeply
            text = "what cannot be shown"
    return text if len(text) <= 60 else text[:57] + "..."


def canonical(value: Value) -> str:
    """JSON text of a canonical value; infinity, which JSON lacks, is the string "inf"."""
    if isinstance(value, float) and math.isinf(value):
        return '"inf"'
    return json.dumps(value, separators=(",", ":"))


def _is_finite_number(entry: object) -> bool:
    if isinstance(entry, bool) or not isinstance(entry, int | float):
        return False
    return _is_float(entry) and math.isfinite(entry)


def _is_float(number: int | float) -> bool:
    """Whether the number is within the range of floats; integers in a file may be of any size."""
    try:
        float(number)
    except OverflowError:
        return False
    return True
