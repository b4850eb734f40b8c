"""`sweep new`: a grid file to begin with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sweep.cli.columns import print_columns
from sweep.cli.command import Command
from sweep.cli.common import json_option
from sweep.cli.completion import complete_example
from sweep.cli.output import cells_in_words, print_json, warn

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(cls=Command)
@click.argument("example", required=False, shell_complete=complete_example)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--starter",
    is_flag=True,
    help="Write the starter of model EXAMPLE also where a grid has that name.",
)
@json_option
def new(example: str | None, file: Path | None, starter: bool, as_json: bool) -> None:
    """Write a grid file to begin with: a copy of EXAMPLE, or the starter of a model.

    EXAMPLE is one of the grids that come with sweep, which are listed where it is left out, or the
    name or file of a model. The starter of a model is a small grid with a comment on every
    parameter. FILE is EXAMPLE.toml in this folder, unless you say otherwise.
    """
    if example is None:
        _list(as_json)
        return
    texts = _texts(example, file, starter)
    _write(texts, f"{example} --starter" if starter else example)
    _say(example, starter, texts)


def _list(as_json: bool) -> None:
    from sweep.grid import read_grid
    from sweep.grid.examples import examples
    from sweep.models import names

    found = [(name, read_grid(path)) for name, path in examples().items()]
    if as_json:
        facts = [
            {
                "name": name,
                "title": grid.title,
                "model": grid.model.name,
                "cells": len(grid.cells()),
            }
            for name, grid in found
        ]
        print_json({"examples": facts, "models": names()})
        return
    print_columns(
        [(name, f"{len(grid.cells()):,}", grid.title) for name, grid in found], numbers={1}
    )
    warn("name, cells and title; `sweep new NAME` writes a copy")
    warn(
        "`sweep new MODEL --starter` writes a small grid with a comment on every parameter, for "
        f"{', '.join(names())} or a file, as my_model.py"
    )


def _texts(example: str, file: Path | None, starter: bool) -> Mapping[Path, str]:
    """What is to be written, by file, the grid's own first. Raises UsageError."""
    from sweep.cli.models import model_named
    from sweep.grid.copies import copy_of
    from sweep.grid.examples import examples
    from sweep.grid.problems import unknown
    from sweep.grid.starter import starter as starter_of
    from sweep.models import OWN, names

    shipped = examples()
    target = _target(example, file)
    if example in shipped and not starter:
        return copy_of(shipped[example], target)
    if example.endswith(OWN):
        named = os.path.relpath(example, target.parent)
    elif example in names():
        named = example
    else:
        what, known = ("model", ()) if starter else ("example or model", shipped)
        raise unknown(example, what, dict.fromkeys((*known, *names())))
    return {target: starter_of(model_named(example), named, target)}


def _target(example: str, file: Path | None) -> Path:
    """Where the grid file is to be. Raises UsageError."""
    from sweep.errors import UsageError
    from sweep.grid.examples import ENDING
    from sweep.grid.names import name_of

    usual = f"{Path(example).stem}{ENDING}"
    target = Path(usual) if file is None else file / usual if file.is_dir() else file
    if target.suffix != ENDING:
        raise UsageError(f"{target}: a grid file ends in {ENDING}, as in {target.stem}{ENDING}")
    name_of(target)
    return target


def _write(texts: Mapping[Path, str], wanted: str) -> None:
    """Write the files, over none that is there. wanted: as it was asked for. Raises UsageError."""
    from sweep.errors import UsageError

    grid, *_ = texts
    missing = {p: text for p, text in texts.items() if p == grid or not _says(p, text)}
    try:
        for path in missing:
            if os.path.lexists(path):
                raise FileExistsError
        for path, text in missing.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as stream:
                stream.write(text)
    except FileExistsError:
        raise UsageError(
            f"{path}: is there already, and is left as it is; give another FILE, as in "
            f"sweep new {wanted} {grid.with_name(f'{grid.stem}-2{grid.suffix}')}"
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def _says(path: Path, text: str) -> bool:
    """Whether the file is there and says just this."""
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _say(example: str, starter: bool, texts: Mapping[Path, str]) -> None:
    from sweep.grid import read_grid
    from sweep.grid.examples import examples
    from sweep.models import names

    target, *beside = texts
    grid = read_grid(target)
    with_it = "".join(f", with {path}" for path in beside)
    warn(f"{target}{with_it}: {cells_in_words(len(grid.cells()))} of {grid.model.name}")
    warn(f"`sweep run {target} --plot` computes and draws them")
    if not starter and example in names() and example in examples():
        warn(f"`sweep new {example} --starter` writes the starter of the model of that name")
