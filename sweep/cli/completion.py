"""What TAB offers: grid files, axes and parameters, columns, pictures, models and examples.

Nothing is run for it, and nothing heavy is imported: grid files are read as text, and what a model
declares is read off its source.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from sweep.cli.sources import Source

if TYPE_CHECKING:
    from sweep.grid.document import TomlTable

MOST_FOLDERS = 100
"""So many of the folders beside a grid file are looked into."""


def complete_grid(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """Grid files, also those in the folders here; where there are none, what any file's are."""
    from sweep.grid.examples import ENDING

    return _with_files(begun, _files(begun, ENDING))


def complete_axis(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The axes of the grid."""
    return _begun(_section(_document(context), "axes"), begun)


def complete_assignment(context: click.Context, option: click.Parameter, begun: str) -> list[str]:
    """NAME= of the grid's axes, then of its model's other parameters; axes only for an option."""
    if _after_equals_sign():
        return []
    document = _document(context)
    names = [*_section(document, "axes")]
    if isinstance(option, click.Argument):
        names += [*_section(document, "fixed"), *_source(context, document).parameters()]
    return [f"{name}=" for name in _begun(names, begun)]


def complete_column(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The columns of the grid's results: of all models, of this one, and its parameters."""
    from sweep.store.meanings import MEANINGS

    document = _document(context)
    source = _source(context, document)
    general = [name for name in MEANINGS if name not in ("cell_id", "message")]
    return _begun([*general, *source.columns(), *source.parameters()], begun)


def complete_picture(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The pictures that the grid's model has of single cells."""
    return _begun(_source(context, _document(context)).pictures(), begun)


def complete_model(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """The models that ship, those that packages offer, and files that may hold one."""
    from sweep.models import OWN

    items = [CompletionItem(name) for name in _begun(_models(), begun)]
    return items + [CompletionItem(file) for file in _files(begun, OWN)]


def complete_example(
    context: click.Context, argument: click.Parameter, begun: str
) -> list[CompletionItem[str]]:
    """The grids that come with `sweep`, and models, which have starters."""
    from sweep.grid.examples import examples

    shipped = examples()
    models = complete_model(context, argument, begun)
    return [
        *(CompletionItem(name) for name in _begun(shipped, begun)),
        *(item for item in models if item.value not in shipped),
    ]


def _after_equals_sign() -> bool:
    """Whether what is begun is a value; bash takes the sign for a word of its own."""
    words = os.environ.get("COMP_WORDS", "").split()
    at = int(os.environ.get("COMP_CWORD") or 0)
    return "=" in words[max(at - 1, 0) : at + 1]


def _begun(names: Iterable[str], begun: str) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(begun)]


def _models() -> Iterator[str]:
    from importlib.metadata import entry_points

    from sweep.models import GROUP, MODELS

    yield from MODELS
    yield from entry_points(group=GROUP).names


def _files(begun: str, ending: str) -> list[str]:
    """Files with the ending in the folder that is begun, and one folder further in.

    A folder by itself is offered by no name: the shell would take it for the whole word.
    """
    typed, name = os.path.split(begun)
    here = Path(typed or ".").expanduser()
    try:
        there = sorted(path for path in here.iterdir() if _is_begun(path.name, name))
        files = [path for path in there if path.suffix == ending]
        for folder in [path for path in there if path.is_dir()][:MOST_FOLDERS]:
            files += sorted(folder.glob(f"*{ending}"))
    except OSError:
        return []
    before = begun.removesuffix(name)
    return [f"{before}{file.relative_to(here)}" for file in files if file.is_file()]


def _is_begun(name: str, begun: str) -> bool:
    return name.startswith(begun) and (begun.startswith(".") or not name.startswith("."))


def _with_files(begun: str, found: list[str]) -> list[CompletionItem[str]]:
    return [CompletionItem(name) for name in found] or [CompletionItem(begun, type="file")]


def _grid(context: click.Context) -> Path:
    """The grid file; where an option is yet to get its word, click has not seen the others."""
    words = os.environ.get("COMP_WORDS", "").split()
    named = context.params.get("grid") or next((w for w in words if w.endswith(".toml")), "")
    return Path(named).expanduser()


def _document(context: click.Context) -> TomlTable:
    """What the grid file says, with those that it extends; nothing where it cannot be read."""
    from sweep.errors import UsageError
    from sweep.grid.document import text_of
    from sweep.grid.family import said

    path = _grid(context)
    try:
        return said(path, text_of(path)).document
    except UsageError:
        return {}


def _section(document: TomlTable, name: str) -> TomlTable:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _source(context: click.Context, document: TomlTable) -> Source:
    return Source(str(document.get("model")), _grid(context).parent)
