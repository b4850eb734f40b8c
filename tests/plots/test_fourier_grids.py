"""The grids of the Fourier models that come with the tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.grid import read_grid

GRIDS = sorted((Path(__file__).parents[2] / "grids").glob("fourier-*.toml"))


@pytest.mark.parametrize("path", GRIDS, ids=lambda path: path.stem)
def test_is_read_and_says_what_it_shows(path: Path) -> None:
    grid = read_grid(path)
    assert 2 <= len(grid.cells()) <= 400
    assert grid.text.startswith("# ")
    assert {grid.plot.x, grid.plot.y, grid.plot.facet} - {None} <= grid.axes.keys()
