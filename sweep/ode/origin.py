"""What a kernel is made from: a hash of its source file and of all that this one imports.

Only what belongs to this package or lies in the folder of the file itself counts; libraries are
told apart by their versions.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


@cache
def digest(file: Path) -> str:
    """A hash of a source file and of those that it imports, directly or by way of others."""
    found = hashlib.blake2b(digest_size=16)
    for source in sorted(_closure(file)):
        text = source.read_bytes()
        found.update(f"{source.name} {len(text)}\n".encode())
        found.update(text)
    return found.hexdigest()


def _closure(file: Path) -> set[Path]:
    found: set[Path] = set()
    waiting = {file}
    while waiting:
        source = waiting.pop()
        found.add(source)
        waiting |= _imported(source) - found
    return found


@cache
def _imported(file: Path) -> set[Path]:
    """The files that a source file names in its imports, wherever in it these are."""
    names = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {(alias.name, file.parent) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            home = file.parents[max(node.level - 1, 0)]
            start = f"{node.module}." if node.module else ""
            names |= {(start + alias.name, home) for alias in node.names}
            names |= {(node.module, home)} if node.module else set()
    return {path for name, home in names for path in _files(name, home)}


def _files(name: str, home: Path) -> Iterator[Path]:
    root = PACKAGE.parent if name.partition(".")[0] == PACKAGE.name else home
    path = root.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            yield candidate
