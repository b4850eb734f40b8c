"""What TAB offers: axes of the grid file that is named, and parameters of its model.

Nothing is imported or run for it. Parameters are read off the source of the model, in which they
are declared by name, so that a file of one's own is as good as a model that ships.
"""

from __future__ import annotations

import ast
import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

DECLARE = ("Parameter", "integer", "real", "choice", "flag", "matrix")
"""The functions whose first argument is the name of a parameter."""

OWN = ("Ode", "Process")
BY_THEMSELVES = ("seed", "target_error")


def complete_axis(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The axes of the grid."""
    return [name for name in _axes(_document(context)) if name.startswith(begun)]


def complete_assignment(context: click.Context, option: click.Parameter, begun: str) -> list[str]:
    """NAME= of the grid's axes, then of its model's other parameters; axes only for an option."""
    document = _document(context)
    names = dict.fromkeys(_axes(document))
    if isinstance(option, click.Argument):
        names |= dict.fromkeys(_table(document, "fixed"))
        names |= dict.fromkeys(_parameters(document, _grid(context).parent))
    return [f"{name}=" for name in names if name.startswith(begun)]


def _grid(context: click.Context) -> Path:
    """The grid file; where an option is yet to get its word, click has not seen the others."""
    words = os.environ.get("COMP_WORDS", "").split()
    named = context.params.get("grid") or next((w for w in words if w.endswith(".toml")), "")
    return Path(named)


def _document(context: click.Context) -> Mapping[str, Any]:
    try:
        return tomllib.loads(_grid(context).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _axes(document: Mapping[str, Any]) -> list[str]:
    return list(_table(document, "axes"))


def _parameters(document: Mapping[str, Any], folder: Path) -> Iterator[str]:
    for source in _sources(str(document.get("model")), folder):
        try:
            tree = ast.parse(source.read_bytes())
        except (OSError, ValueError, SyntaxError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield from _declared(node)


def _declared(call: ast.Call) -> Iterator[str]:
    """The parameters that a call declares."""
    called = call.func.id if isinstance(call.func, ast.Name) else None
    first = call.args[0] if call.args else None
    if called in DECLARE and isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value
    if called in OWN:
        given = {k.arg: k.value for k in call.keywords}
        time = given.get("time", ast.Constant("t" if called == "Ode" else "steps"))
        yield from BY_THEMSELVES
        if isinstance(time, ast.Constant) and isinstance(time.value, str):
            yield f"{time.value}_max"


def _sources(model: str, folder: Path) -> list[Path]:
    """The files in which a model's parameters are declared."""
    from sweep.models import MODELS
    from sweep.models import OWN as ENDING

    if model.endswith(ENDING):
        return [folder / model]
    if model not in MODELS:
        return []
    package = find_spec(MODELS[model].split(".")[0])
    places = (package.submodule_search_locations if package else None) or []
    inside = Path(*MODELS[model].split(".")[1:3])
    return [file for place in places for file in sorted((Path(place) / inside).rglob("*.py"))]
