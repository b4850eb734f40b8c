"""The grid files that come with `sweep`, and where they are."""

from __future__ import annotations

from pathlib import Path

ENDING = ".toml"
PACKAGE = Path(__file__).parents[1]


def examples() -> dict[str, Path]:
    """The files, by name."""
    files = _folder().glob(f"*{ENDING}")
    return {file.stem: file for file in sorted(files, key=lambda file: file.stem)}


def _folder() -> Path:
    """In an installed package they are inside, in a checkout beside it."""
    inside = PACKAGE / "examples"
    return inside if inside.is_dir() else PACKAGE.parent / "grids"
