"""From a grid file to a checked `Grid`; whatever is wrong with the file is one `GridError`."""

from __future__ import annotations

from pathlib import Path

from sweep.grid.check import check
from sweep.grid.document import text_of
from sweep.grid.family import said
from sweep.grid.grid import Grid
from sweep.grid.names import name_of


def read_grid(path: str | Path) -> Grid:
    """Read and check a grid file.

    Raises GridError for whatever is wrong; one line names the file, the section and the key.

    >>> with open("mine.toml", "w") as file:
    ...     _ = file.write("model = 'fo-anil'; axes = { K = [3, 4] }".replace("; ", chr(10)))
    >>> grid = read_grid("mine.toml")
    >>> grid.name, len(grid.cells())
    ('mine', 2)
    """
    path = Path(path)
    return parse_grid(path, text_of(path))


def parse_grid(path: Path, text: str) -> Grid:
    """Check the text of a grid file, which stands or would stand at `path`. Raises GridError."""
    name = name_of(path)
    found = said(path, text)
    return Grid.of(
        check(found.document, name=name, path=path, text=found.text, origins=found.origins)
    )
