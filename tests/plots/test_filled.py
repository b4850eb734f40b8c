"""Pictures of refined grids: every place has the look of the box it is in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sweep.errors import UsageError
from sweep.grid.read import parse_grid
from sweep.models.seeds import ABSENT
from sweep.plots.draw import draw
from sweep.plots.filled import filled, sparse_and_filled
from sweep.plots.picture import Choices, picture
from sweep.plots.table import tabulate
from sweep.runner.session import Settings, run
from sweep.store.folder import Folder
from tests.plots.rows import request, rows

TEXT = """
model = "fo-anil"
[fixed]
M = 3
[axes]
K = [3, 4]
eta_w = { lin = [1.0, 4.0], n = 4 }
eta_J = { log = [0.0625, 4.0], n = 5 }
[plot]
boundary = true
"""


def test_places_between_cells_alike_have_their_mean_and_others_that_of_one_of_them() -> None:
    axes = {"eta_w": [1.0, 2.0, 3.0, 4.0, 5.0], "eta_J": [1.0, 2.0, 4.0, 8.0, 16.0]}

    def outcome(cell: dict[str, float]) -> float | str:
        return "not_reached" if cell["eta_w"] > 4 else cell["eta_w"] * cell["eta_J"]

    whole = rows(axes, outcome)
    corners = whole[whole["eta_w"].isin([1.0, 5.0]) & whole["eta_J"].isin([1.0, 16.0])]
    wanted = request(axes, facet=None, levels={"eta_w": 2, "eta_J": 2})
    sparse = tabulate(corners, wanted, "eta_J", None)
    assert np.count_nonzero(sparse.status == ABSENT) == 21
    table = filled(sparse, wanted)
    assert not (table.status == ABSENT).any()
    np.testing.assert_allclose(table.values[0, :, 0], [1, 2, 4, 8, 16])
    np.testing.assert_allclose(table.values[0, :, 3], [1, 2, 4, 8, 16])
    assert np.isnan(table.values[0, :, 4]).all()
    full = tabulate(whole, wanted, "eta_J", None)
    np.testing.assert_array_equal(filled(full, wanted).values, full.values)


@pytest.mark.parametrize("kept", [slice(1, 4), slice(2, 3), slice(3, 5)])
def test_a_part_of_a_refined_axis_looks_as_it_does_in_the_whole(kept: slice) -> None:
    """Also where it begins between the values of the coarsest level, of which it may have none."""
    axes = {"eta_w": [1.0, 2.0, 3.0, 4.0, 5.0], "eta_J": [1.0, 2.0, 4.0, 8.0, 16.0]}
    whole = rows(axes, lambda cell: cell["eta_w"] * cell["eta_J"])
    sparse = whole[whole["eta_w"].isin([1.0, 3.0, 5.0]) & whole["eta_J"].isin([1.0, 4.0, 16.0])]
    wanted = request(axes, facet=None, levels={"eta_w": 2, "eta_J": 2})
    part = replace(wanted, where={"eta_w": axes["eta_w"][kept]})
    _, full = sparse_and_filled(sparse, wanted)
    computed, table = sparse_and_filled(sparse, part)
    assert table.x == computed.x == tuple(axes["eta_w"][kept])
    np.testing.assert_array_equal(table.values, full.values[:, :, kept])
    np.testing.assert_array_equal(table.status, full.status[:, :, kept])
    assert np.isfinite(computed.values).sum() == 3 * sum(w in (1, 3, 5) for w in table.x)
    draw(sparse, part)


def test_lines_over_a_part_of_a_refined_axis_have_its_cells() -> None:
    axes = {"eta_w": [1.0, 2.0, 3.0, 4.0, 5.0], "eta_J": [1.0]}
    whole = rows(axes, lambda cell: cell["eta_w"])
    sparse = whole[whole["eta_w"].isin([1.0, 3.0, 5.0])]
    wanted = request(axes, facet=None, y=None, levels={"eta_w": 2})
    figure = draw(sparse, replace(wanted, where={"eta_w": [2.0, 3.0, 4.0, 5.0]}))
    assert [line.get_xdata().tolist() for line in figure.axes[0].lines] == [[3.0, 5.0]]  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="no cell has eta_w = 2; there are 1, 3, 5"):
        draw(sparse, replace(wanted, where={"eta_w": [2.0]}))


def test_places_of_lines_that_nobody_asked_for_are_told_in_the_legend() -> None:
    axes = {"eta_w": [1.0, 2.0, 3.0], "eta_J": [1.0, 2.0]}
    whole = rows(axes, lambda cell: "not_reached" if cell["eta_w"] > 2 else cell["eta_J"])
    wanted = request(axes, facet=None, y=None, series="eta_J", levels={"eta_w": 1})

    def told(frame: pd.DataFrame) -> list[str]:
        (legend,) = draw(frame, wanted).legends
        return [text.get_text() for text in legend.get_texts()]

    assert told(whole) == ["not reached"]
    unasked = (whole["eta_w"] == 2) & (whole["eta_J"] == 1)
    assert told(whole[~unasked]) == ["not reached", "not computed"]


@pytest.mark.parametrize("section", ["", "[refine]\nlevels = 2\n"])
@pytest.mark.parametrize("where", [{}, {"K": ["4"]}])
def test_the_boundary_is_a_line_over_every_panel(
    section: str, where: dict[str, list[str]], tmp_path: Path
) -> None:
    grid = parse_grid(Path("some.toml"), TEXT + section)
    run(grid, Settings(tmp_path, "threading", 2), Console(quiet=True), lambda _: None)
    said: list[str] = []
    figure = picture(grid, Folder(tmp_path, grid.name), Choices(where=where), said.append)
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    with_lines = [axes for axes in panels if any(len(line.get_xdata()) > 3 for line in axes.lines)]
    assert len(with_lines) == (1 if where else 2)
    assert said == []


def test_a_boundary_on_other_axes_is_not_drawn(tmp_path: Path) -> None:
    text = TEXT + '[refine]\nlevels = 1\naxes = ["eta_J"]\n'
    grid = parse_grid(Path("some.toml"), text)
    run(grid, Settings(tmp_path, "threading", 2), Console(quiet=True), lambda _: None)
    said: list[str] = []
    picture(grid, Folder(tmp_path, grid.name), Choices(), said.append)
    assert said == [
        "the boundary is known along eta_J alone, so it is not drawn over eta_w and eta_J; "
        "`sweep boundary GRID` has it"
    ]
