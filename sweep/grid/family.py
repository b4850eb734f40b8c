"""Grid files that start from others: what a chain of them says, and which of them says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep.grid.document import TomlTable, parsed, text_of
from sweep.grid.problems import GridError, Origins
from sweep.grid.text import remark, toml_text
from sweep.models.parameters import shown

KEY = "extends"
MODEL_FILE = ".py"
RIVALS: Mapping[str, tuple[str, ...]] = {
    "x": (),
    "y": ("series",),
    "series": ("y",),
    "facet": ("rows", "columns"),
    "rows": ("facet",),
    "columns": ("facet",),
}
"""The parts of a picture that an axis can have, and those that do not go with each."""


@dataclass(frozen=True)
class Said:
    """What a grid file says together with those that it extends.

    text: of a file that says the same by itself. origins: which of the files each key stands in.
    files: all of them, its own first.
    """

    document: TomlTable
    text: str
    origins: Origins
    files: tuple[Path, ...]


def said(path: Path, text: str) -> Said:
    """What the text of a grid file says, which stands or would stand at `path`. Raises GridError.

    Sections are merged key by key, and the file that extends another has the last word.
    """
    members = list(_chain(path, parsed(path, text)))
    if len(members) == 1:
        return Said(members[0][1], text, Origins(path), (path,))
    document: dict[str, Any] = {}
    homes: dict[tuple[str, str], Path] = {}
    for file, own in reversed(members):
        document = _merged(document, own)
        homes |= dict.fromkeys(_keys(own), file)
    files = tuple(file for file, _ in members)
    others = ", ".join(file.name for file in files[1:])
    head = f"# {remark(f'{path.name}, with what it extends: {others}')}\n"
    return Said(document, head + toml_text(document), Origins(path, homes), files)


def _chain(path: Path, document: TomlTable) -> Iterator[tuple[Path, TomlTable]]:
    """The file, the one that it extends, the one that this extends, and so on."""
    seen = [path]
    base = Path()  # the folder of the file at hand, as seen from that of the first
    while KEY in document:
        parent = document[KEY]
        if not isinstance(parent, str) or not parent.strip():
            problem = f'found {shown(parent)}; allowed is a grid file, as in "fig5.toml"'
            raise GridError(path, f"{KEY}: {problem}")
        yield path, {key: value for key, value in document.items() if key != KEY}
        extended = path.parent / parent
        if extended.resolve() in [file.resolve() for file in seen]:
            names = " → ".join(file.name for file in [*seen, extended])
            raise GridError(
                path, f"{KEY}: leads back to where it came from: {names}; remove one of these"
            )
        try:
            text = text_of(extended)
        except GridError as error:
            raise GridError(path, f"{KEY}: {error}") from None
        base /= Path(parent).parent
        document = _with_model_from(base, parsed(extended, text))
        path = extended
        seen.append(path)
    yield path, document


def _with_model_from(folder: Path, document: TomlTable) -> TomlTable:
    """The document, with the file of its model named as it is found from elsewhere."""
    model = document.get("model")
    if not isinstance(model, str) or not model.endswith(MODEL_FILE):
        return document
    return {**document, "model": str(folder / model)}


def _merged(extended: TomlTable, own: TomlTable) -> dict[str, Any]:
    """What both say; where they differ, what `own` says."""
    extended = _without_contradictions(extended, own)
    return {
        key: {**extended[key], **own[key]}
        if key in own and isinstance(extended.get(key), Mapping) and isinstance(own[key], Mapping)
        else own.get(key, extended.get(key))
        for key in {**extended, **own}
    }


def _without_contradictions(extended: TomlTable, own: TomlTable) -> TomlTable:
    """What is left of `extended` where `own` makes a value of an axis, or an axis of a value."""
    fixed, axes = _section(own, "fixed"), _section(own, "axes")
    left = {
        "fixed": {k: v for k, v in _section(extended, "fixed").items() if k not in axes},
        "axes": {k: v for k, v in _section(extended, "axes").items() if k not in fixed},
        "plot": _plot_left(_section(extended, "plot"), _section(own, "plot"), fixed),
    }
    return {
        key: left[key] if key in left and isinstance(value, Mapping) else value
        for key, value in extended.items()
    }


def _plot_left(extended: TomlTable, own: TomlTable, fixed: TomlTable) -> TomlTable:
    """What is left of a [plot] section beside one that has the last word.

    An axis or a part of the picture that this one speaks of is no longer the other's, and what has
    one value now is no axis of a picture.
    """
    taken = {*fixed, *(own[part] for part in RIVALS if isinstance(own.get(part), str))}
    gone = {rival for part in RIVALS if part in own for rival in RIVALS[part]}
    left = {
        key: value
        for key, value in extended.items()
        if not (key in RIVALS and (key in gone or (isinstance(value, str) and value in taken)))
    }
    if isinstance(left.get("where"), Mapping):
        left["where"] = {name: kept for name, kept in left["where"].items() if name not in fixed}
    return left


def _section(document: TomlTable, name: str) -> TomlTable:
    table = document.get(name)
    return table if isinstance(table, Mapping) else {}


def _keys(document: TomlTable) -> Iterator[tuple[str, str]]:
    """Every key, with its section, which is empty for those at the top."""
    for key, value in document.items():
        yield "", key
        if isinstance(value, Mapping):
            yield from ((key, inner) for inner in value)
