"""Copies of the grid files that come with `sweep`, with all that they need beside them."""

from __future__ import annotations

from pathlib import Path

from sweep.grid.document import text_of
from sweep.grid.family import MODEL_FILE, said
from sweep.grid.text import remark


def copy_of(example: Path, target: Path) -> dict[Path, str]:
    """The texts that make up a copy of a grid file at `target`, by file, its own first.

    With it go the grid files that it extends, and the file of its model. Comments name the copy.
    """
    text = text_of(example)
    found = said(example, text)
    beside = [file.relative_to(example.parent) for file in found.files[1:]]
    model = found.document["model"]
    if model.endswith(MODEL_FILE):
        beside.append(Path(model))
    named = text.replace(f"grids/{example.name}", remark(str(target)))
    copies = {target.parent / name: text_of(example.parent / name) for name in beside}
    return {target: named, **copies}
