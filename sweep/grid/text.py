"""From a grid back to the text of a grid file, for grids that came from no file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweep.grid.contents import Contents


def grid_text(contents: Contents, comment: str) -> str:
    """A grid file with these cells, solver settings and pictures, headed by a comment of one line.

    Every parameter is named, defaults included, and every axis is a list.
    """
    document = {
        "title": contents.title,
        "model": contents.model.name,
        "fixed": contents.fixed,
        "axes": contents.swept,
        "grid": {
            "zip": contents.zipped,
            "exclude": [expression.text for expression in contents.excludes],
        },
        "solver": contents.solver,
        "plot": asdict(contents.plot),
    }
    return f"# {remark(comment)}\n{toml_text(document)}"


def remark(text: str) -> str:
    """A text that may stand in a comment of one line; file names may hold anything."""
    return "".join(c if c.isprintable() else "?" for c in text)


def toml_text(document: Mapping[str, object]) -> str:
    """The document as TOML: its texts at the top, then its sections, without what they leave open.

    A key without a value, an empty list under [grid] and a section of nothing are left out.
    """
    top = {key: value for key, value in document.items() if not isinstance(value, Mapping)}
    sections = {key: value for key, value in document.items() if isinstance(value, Mapping)}
    return _lines(top) + "".join(_section(name, table) for name, table in sections.items())


def _section(name: str, table: Mapping[str, object]) -> str:
    lines = _lines({key: value for key, value in table.items() if not _is_open(value)})
    return f"\n[{name}]\n{lines}" if lines else ""


def _is_open(value: object) -> bool:
    return value is None or (isinstance(value, list | tuple) and not value)


def _lines(table: Mapping[str, object]) -> str:
    return "".join(f"{_key(key)} = {toml_value(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_value(key)


def toml_value(value: object) -> str:
    """A value as TOML writes it; numbers with all their digits."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, Mapping):
        entries = (f"{_key(key)} = {toml_value(entry)}" for key, entry in value.items())
        return f"{{ {', '.join(entries)} }}"
    return repr(value)  # inf is a word of both
