"""The kinds of parameters that a model of one's own declares: one function a kind."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from sweep.models.parameters import Parameter

GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi"),
    "omega",
)


def integer(
    name: str,
    default: int,
    *,
    least: int | None = None,
    most: int | None = None,
    above: int | None = None,
    below: int | None = None,
    meaning: str = "",
    symbol: str = "",
) -> Parameter:
    """A whole number within bounds: least ≤ value ≤ most, above < value < below."""
    return _number("integer", name, default, (least, above, below, most), meaning, symbol)


def real(
    name: str,
    default: float,
    *,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    infinite: bool = False,
    meaning: str = "",
    symbol: str = "",
) -> Parameter:
    """A number within bounds: least ≤ value ≤ most, above < value < below.

    infinite: whether it may be `inf` as well.
    """
    bounds = (least, above, below, most)
    return _number("real", name, default, bounds, meaning, symbol, infinite=infinite)


def choice(
    name: str,
    default: str | Sequence[str],
    choices: Sequence[str] = (),
    *,
    meaning: str = "",
    symbol: str = "",
) -> Parameter:
    """One of several words; the first of them is the default where only they are given."""
    if not isinstance(default, str) and not choices and isinstance(default, Sequence):
        default, choices = default[0] if default else "", default
    words = () if isinstance(choices, str) else tuple(choices)
    if not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{name}: a choice needs the words that are allowed, as a tuple of texts")
    parameter = Parameter(name, "word", "", meaning, symbol or symbol_of(name), choices=words)
    return _with_default(parameter, default)


def flag(name: str, default: bool = False, *, meaning: str = "", symbol: str = "") -> Parameter:
    """True or false."""
    return _with_default(
        Parameter(name, "flag", False, meaning, symbol or symbol_of(name)), default
    )


def matrix(
    name: str,
    default: object,
    *,
    choices: Sequence[str] = (),
    least: float | None = None,
    above: float | None = None,
    meaning: str = "",
    symbol: str = "",
) -> Parameter:
    """A matrix, or a number or a word (one of `choices`) that stands for one.

    least, above: bounds of the number, not of a matrix's entries.
    """
    parameter = Parameter(
        name,
        "matrix",
        0.0,
        meaning,
        symbol or symbol_of(name),
        low=_low(least, above),
        open_low=above is not None,
        choices=tuple(choices),
    )
    if hasattr(default, "tolist"):
        default = default.tolist()
    return _with_default(parameter, default)


def symbol_of(name: str) -> str:
    """LaTeX for names such as eta, eta_w, K or R0; empty where a name is rather a word."""
    found = re.fullmatch(rf"({'|'.join(GREEK)}|[A-Za-z])(?:_(\w+)|(\d+))?", name)
    if not found:
        return ""
    letter, word, digits = found.groups()
    index = word or digits
    symbol = rf"\{letter}" if letter in GREEK else letter
    return f"{symbol}_{{{index}}}" if index else symbol


Bounds = tuple[float | None, float | None, float | None, float | None]


def _number(
    kind: str,
    name: str,
    default: float,
    bounds: Bounds,
    meaning: str,
    symbol: str,
    *,
    infinite: bool = False,
) -> Parameter:
    least, above, below, most = bounds
    parameter = Parameter(
        name,
        "integer" if kind == "integer" else "real",
        0,
        meaning,
        symbol or symbol_of(name),
        low=_low(least, above),
        high=min(_or(most, math.inf), _or(below, math.inf)),
        open_low=above is not None and above >= _or(least, -math.inf),
        open_high=below is not None and below <= _or(most, math.inf),
        infinite=infinite,
    )
    return _with_default(parameter, default)


def _low(least: float | None, above: float | None) -> float:
    return max(_or(least, -math.inf), _or(above, -math.inf))


def _or(bound: float | None, otherwise: float) -> float:
    return otherwise if bound is None else float(bound)


def _with_default(parameter: Parameter, default: object) -> Parameter:
    """The parameter with this default, in canonical form. Raises ParameterError."""
    return replace(parameter, default=parameter.coerce(default))
