"""`sweep models`: the models that there are, and what each can be told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.columns import print_columns
from sweep.cli.command import Command
from sweep.cli.common import json_option
from sweep.cli.completion import complete_model
from sweep.cli.output import echo, print_json, warn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sweep.models.base import Model
    from sweep.models.parameters import Parameter


@click.command(cls=Command)
@click.argument("name", required=False, shell_complete=complete_model)
@json_option
def models(name: str | None, as_json: bool) -> None:
    """Show the models, or of model NAME the parameters, the solver's settings and the columns.

    NAME may be the file of a model of your own, as in my_model.py.
    """
    if name is None:
        _show_all(as_json)
        return
    facts = described(model_named(name))
    if as_json:
        print_json(facts)
    else:
        _show(facts)


def model_named(name: str) -> Model:
    """The model of that name, or in the file of that name. Raises UsageError."""
    from sweep.grid.problems import unknown
    from sweep.models import load, names

    try:
        return load(name)
    except KeyError:
        raise unknown(name, "model", (*names(), 'or a file, as in "my_model.py"')) from None


def described(model: Model) -> dict[str, Any]:
    """What there is to say of a model, in the types of JSON."""
    from sweep.store.columns import columns_of

    return {
        "name": model.name,
        "meaning": model.meaning,
        "version": model.version,
        "parameters": [_parameter(parameter) for parameter in model.parameters],
        "solver": [_parameter(setting) for setting in model.solver],
        "columns": [column._asdict() for column in columns_of(model)],
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    from sweep.models.parameters import canonical

    return {
        "name": parameter.name,
        "kind": "integer" if parameter.whole else parameter.kind,
        "default": json.loads(canonical(parameter.default)),
        "allowed": parameter.allowed(),
        "choices": list(parameter.choices),
        "meaning": parameter.meaning,
    }


def _show_all(as_json: bool) -> None:
    from sweep.errors import UsageError
    from sweep.models import load, names

    found = []
    for name in names():
        try:
            found.append({"name": name, "meaning": load(name).meaning})
        except UsageError as error:  # one of a package, which is not the fault of the others
            warn(str(error))
    if as_json:
        print_json({"models": found})
        return
    print_columns([(model["name"], model["meaning"]) for model in found])
    warn("`sweep models NAME` says what a model, or the file of one, can be told")


def _show(facts: dict[str, Any]) -> None:
    head = f"{facts['name']}: {facts['meaning']}" if facts["meaning"] else facts["name"]
    echo(head)
    echo("\nparameters, in [fixed] or [axes] of a grid file")
    _show_parameters(facts["parameters"])
    if facts["solver"]:
        echo("\nsettings of the solver, in [solver]")
        _show_parameters(facts["solver"])
    echo("\ncolumns of the results, beside the parameters")
    rows = [(column["name"], column["type"], column["meaning"]) for column in facts["columns"]]
    print_columns([("column", "type", "meaning"), *rows], indent=2)


def _show_parameters(declared: Iterable[dict[str, Any]]) -> None:
    rows = [(p["name"], _told(p["default"]), p["allowed"], p["meaning"]) for p in declared]
    print_columns([("name", "default", "allowed", "meaning"), *rows], indent=2)


def _told(default: object) -> str:
    if isinstance(default, float):
        return f"{default:g}"
    return default if isinstance(default, str) else json.dumps(default)
