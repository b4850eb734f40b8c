"""What a grid may be called: its folder of results and its picture have the name as well."""

from __future__ import annotations

import sys
from pathlib import Path
from unicodedata import category

from sweep.grid.problems import GridError

RESERVED = ".sweep"
"""No grid has this name: beside the folders of results it is that of all that is not finished."""


def name_of(path: Path) -> str:
    """The name of the grid, from its file's. Raises GridError."""
    name = path.stem
    if _is_taken(name):
        raise GridError(
            path,
            f"names the grid {name!r}, after which no folder of results can be named; rename the "
            "file, as in fig5.toml",
        )
    encoding = sys.getfilesystemencoding().upper()  # UTF-8, unless the locale says otherwise
    for kind, problem in (
        ("Cs", f"a name that is not {encoding}"),
        ("Cc", "control characters in its name"),
    ):
        if any(category(character) == kind for character in name):
            raise GridError(path, f"has {problem}; rename the file, as in fig5.toml")
    return name


def check_name(name: object) -> None:
    """Refuse what a grid without a file cannot be called. Raises GridError."""
    if not isinstance(name, str) or "/" in name or _is_taken(name) or _has_controls(name):
        raise GridError(
            "name", f"found {name!r}; allowed is what its folder of results can be called, as fig5"
        )


def _is_taken(name: str) -> bool:
    return name in ("", ".", "..") or name.casefold() == RESERVED


def _has_controls(name: str) -> bool:
    return any(category(character) in ("Cc", "Cs") for character in name)
