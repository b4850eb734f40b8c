"""Which files are pictures, which are pages and which are tables, by the endings of their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sweep.errors import UsageError

PICTURES = (".png", ".pdf", ".svg")
PAGES = (".html",)
TABLES = (".csv", ".parquet")
DATASETS = (".nc",)


def ending(file: Path) -> str:
    """As in the tables above, however the user writes it."""
    return file.suffix.lower()


def check_ending(file: Path, allowed: Sequence[str]) -> None:
    """Refuse a file that cannot be written, before anything is done for it."""
    if ending(file) not in allowed:
        found = f"the ending {file.suffix!r}" if file.suffix else "no ending"
        listed = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
        raise UsageError(f"{file}: found {found}; allowed is {listed}")
