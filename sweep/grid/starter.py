"""A first grid of a model: every parameter with its default, what is allowed, and its meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from sweep.grid.text import remark, toml_value
from sweep.models.base import Model
from sweep.models.parameters import Parameter, Value, rounded, shown

POINTS = 9
SPAN = 4.0
"""An axis begins so many times below the default, and ends so many times above it."""

HEAD = """\
# A first grid of {model}{meaning}
# Change what you like: every parameter may have one value, under [fixed], or several, under [axes].
#
#   sweep plan {path}           what a run would do
#   sweep run {path} --plot     do it, and draw the picture
#
# With `extends = "other.toml"` up here, a grid file starts from another and says only what differs.
title = {title}
model = {named}
"""

FIXED = "# One value each; a line that is left out means the default.\n"
AXES = """\
# Several values each, and every combination of them is a cell: a list of values, as [1, 2, 5], or
# { lin = [a, b], n = 9 }, { log = [a, b], n = 9 } or { int = [a, b] }, from a to b, both included.
"""
SOLVER = "# How cells are computed; part of a cell's identity.\n"
OPTIONAL = """
[grid]  # optional
# zip = [[{pair}]]  # axes that advance together; they need equally many values
# exclude = [{condition}]  # leaves out the cells for which one of these conditions holds

[plot]  # what `sweep plot` draws, unless its options say otherwise
"""
WIDEST = 105
"""A comment that makes a line wider than this stands above it."""


def starter(model: Model, named: str, path: Path) -> str:
    """The text of a grid file at `path`, which names the model so. It is computed in seconds."""
    axes = {parameter.name: _axis(model, parameter) for parameter in _swept(model)}
    swept = [parameter for parameter in model.parameters if parameter.name in axes]
    fixed = [parameter for parameter in model.parameters if parameter.name not in axes]
    values = {p.name: model.starter.get(p.name, p.default) for p in fixed}
    settings = {setting.name: setting.default for setting in model.solver}
    first, *_ = swept
    optional = OPTIONAL.format(
        pair=", ".join(toml_value(name) for name in [*axes, "seed"][:2]),
        condition=toml_value(f"{first.name} > {shown(first.default)}"),
    )
    plot = {**dict(zip("xy", axes, strict=False)), "value": "time_to_target"}
    return (
        HEAD.format(
            model=model.name,
            meaning=remark(_sentence(f": {model.meaning}" if model.meaning else "")),
            path=remark(str(path)),
            title=toml_value(f"A first grid of {model.name}"),
            named=toml_value(named),
        )
        + f"\n[fixed]\n{FIXED}{_lines(fixed, values)}"
        + f"\n[axes]\n{AXES}{_lines(swept, axes)}"
        + (f"\n[solver]\n{SOLVER}{_lines(model.solver, settings)}" if model.solver else "")
        + optional
        + "".join(f"{key} = {toml_value(value)}\n" for key, value in plot.items())
    )


def _sentence(text: str) -> str:
    """The text with something at its end that ends a sentence."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _lines(declared: Sequence[Parameter], values: Mapping[str, object]) -> str:
    """A line for each of what is declared, with a comment on it beside it or above."""
    said = {p: f"{p.name} = {_written(p, values[p.name])}" for p in declared}
    width = max(map(len, said.values()), default=0)
    text = ""
    for parameter, line in said.items():
        meaning = remark(parameter.meaning)
        allowed = f"default {shown(parameter.default)}; {parameter.allowed()}"
        beside = f"{line:<{width}}  # {meaning}{'; ' * bool(meaning)}{allowed}\n"
        above = f"# {parameter.name}: {meaning}\n#   {allowed}\n{line}\n"
        text += beside if len(beside) <= WIDEST else above
    return text


def _written(parameter: Parameter, value: object) -> str:
    is_whole = parameter.whole and isinstance(value, float) and math.isfinite(value)
    return toml_value(int(value) if is_whole else value)  # type: ignore[call-overload]


def _swept(model: Model) -> list[Parameter]:
    """The parameters to be varied: those of its pictures, or else the first two rates or the seed.

    One that is infinite by default says that a limit is meant.
    """
    declared = {parameter.name: parameter for parameter in model.parameters}
    if model.preferred_axes:
        return [declared[name] for name in model.preferred_axes]
    apart = ("seed", *model.never_named)
    numbers = [p for p in model.parameters if p.name not in apart and _is_finite(p.default)]
    reals = [p for p in numbers if p.kind == "real" and not p.whole]
    return (reals or numbers)[:2] or [declared["seed"]]


def _is_finite(value: Value) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)


def _axis(model: Model, parameter: Parameter) -> object:
    """Values around the default, within what is allowed."""
    if parameter.name in model.starter:
        return model.starter[parameter.name]
    default = parameter.default
    assert isinstance(default, int | float)
    if parameter.kind == "integer" or parameter.whole:
        return {"int": [int(default), int(min(default + POINTS - 1, parameter.high))]}
    if default > 0:
        low, high = default / SPAN, default * SPAN
    else:
        low, high = default - (1 if parameter.low < default else 0), default + 1
    low, high = _within(parameter, low, high, float(default))
    spacing = "log" if low > 0 else "lin"
    return {spacing: [rounded(low), rounded(high)], "n": POINTS}


def _within(parameter: Parameter, low: float, high: float, default: float) -> tuple[float, float]:
    """The bounds, drawn in to what is allowed; halfway where a bound itself is not."""
    if low <= parameter.low:
        low = (parameter.low + default) / 2 if parameter.open_low else parameter.low
    if high >= parameter.high:
        high = (parameter.high + default) / 2 if parameter.open_high else parameter.high
    return low, high
