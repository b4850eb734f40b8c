"""The boundary as lines: where it is known exactly, and on diagrams that are made up."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import sweep
from sweep.analysis.boundary import Boundary, Probes, boundary
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.read import parse_grid
from sweep.grid.refinement.boxes import Lattice
from sweep.grid.refinement.lines import MIDDLE, crossings, polylines
from sweep.grid.refinement.search import Search
from sweep.ode.arrays import Floats
from sweep.runner.session import Settings, run
from sweep.store.folder import Folder
from sweep.store.load import load
from tests.grid.refinement.made_up import DIAGRAMS, disc, finished, islands, three_phases, whole

TEXT = """
model = "fo-anil"
[fixed]
K = 3
M = 3
[axes]
eta_w = { lin = [2.0, 4.0], n = 5 }
eta_J = { log = [0.0625, 4.0], n = 7 }
"""
REFINE = "[refine]\nlevels = 2\n"


def found_of(text: str, folder: Path) -> tuple[Grid, Boundary]:
    grid = parse_grid(Path("some.toml"), text)
    run(grid, Settings(folder, "threading", 2), Console(quiet=True), lambda _: None)
    return grid, boundary(grid, Folder(folder, grid.name), lambda _: None)


@pytest.mark.parametrize("section", [REFINE, "", '[refine]\nlevels = 2\naxes = ["eta_J"]\n'])
def test_without_noise_the_boundary_along_eta_J_is_where_it_is_known_to_be(
    section: str, tmp_path: Path
) -> None:
    """There the time is τ*/η_J, so that η_J^c = τ*/α_max."""
    _, found = found_of(TEXT + section, tmp_path)
    assert found.complete
    points = found.points[found.points["along"] == "eta_J"]
    assert len(points) >= 3
    for point in points.to_dict("records"):
        probe = parse_grid(
            Path("probe.toml"),
            TEXT.partition("[axes]")[0] + f"eta_w = {point['eta_w']!r}\n[axes]\neta_J = [4.0]\n",
        )
        folder = Folder(tmp_path, probe.name)
        run(probe, Settings(tmp_path, "threading", 1), Console(quiet=True), lambda _: None)
        rows = folder.read(["eta_w", "time_to_target"], lambda _: None)
        assert rows is not None
        times = rows.filter(np.isclose(rows["eta_w"].to_numpy(), point["eta_w"], rtol=1e-11))
        exact = times["time_to_target"][0].as_py() * 4.0 / 450.0
        assert abs(point["eta_J"] - exact) <= point["half_width"]
        assert point["eta_J"] == pytest.approx(exact, rel=1e-6)


def test_crossings_are_as_exact_as_was_asked_for_along_both_axes(tmp_path: Path) -> None:
    grid, found = found_of(TEXT + REFINE + "tolerance = 1e-6\n", tmp_path)
    assert found.complete
    assert set(found.points["along"]) == {"eta_w", "eta_J"}
    for name, points in found.points.groupby("along"):
        assert (points["half_width"] <= 1e-6 * points[str(name)]).all()
    # Along eta_w, too, each is where the time comes to the end of the window.
    gentle = found.points[(found.points["along"] == "eta_J") | (found.points["eta_w"] < 3)]
    assert set(gentle["along"]) == {"eta_w", "eta_J"}
    exact = critical_eta_J(gentle["eta_w"].tolist(), tmp_path)
    rtol = np.where(gentle["along"] == "eta_J", 1e-6, 1e-5)
    assert (np.abs(gentle["eta_J"] / exact - 1) <= rtol).all()
    assert run(grid, Settings(tmp_path, "threading", 2), Console(quiet=True), print).computed == 0


def critical_eta_J(eta_w: list[float], folder: Path) -> Floats:
    """Where time runs out, from trajectories of their own."""
    probe = parse_grid(
        Path("probe.toml"), TEXT.partition("eta_w")[0] + f"eta_w = {eta_w!r}\neta_J = [4.0]\n"
    )
    run(probe, Settings(folder, "threading", 2), Console(quiet=True), lambda _: None)
    rows = load(probe, folder)
    return rows["time_to_target"].to_numpy() * 4.0 / 450.0


def test_from_python_a_refined_grid_is_made_run_and_read(tmp_path: Path) -> None:
    grid = sweep.Grid(
        "fo-anil",
        fixed={"K": 3, "M": 3},
        axes={"eta_w": sweep.lin(2, 4, 5), "eta_J": sweep.log(0.0625, 4, 5)},
        refine={"levels": 1, "probes": 5},
        name="mine",
    )
    report = sweep.run(grid, tmp_path)
    assert len(sweep.load(grid, tmp_path)) == report.computed > 25
    edge = sweep.boundary(grid, tmp_path)
    assert list(edge) == ["between", "line", "eta_w", "eta_J", "along", "half_width"]
    assert edge.attrs["complete"]
    assert edge.attrs["probes"] == 5
    assert edge.attrs["statement"].startswith("5 probes, none contradicted")
    with pytest.raises(UsageError, match="no results yet"):
        sweep.boundary(grid, tmp_path / "elsewhere")


def test_the_boundary_of_errors_lies_at_their_level(tmp_path: Path) -> None:
    section = REFINE + 'by = "error_final"\nlevel = 0.05\n'
    _, found = found_of(TEXT.replace("[axes]", "target_error = 0\n[axes]") + section, tmp_path)
    assert set(found.points["between"]) == {"below | above"}
    assert (found.points["half_width"] > 0).all()


def lines_of(
    name: str,
) -> tuple[Lattice, Search, dict[tuple[int, int], list[list[tuple[int, int]]]]]:
    lattice = Lattice((9, 9), 4)
    search = finished(Search(lattice), whole(DIAGRAMS[name], lattice))
    return lattice, search, polylines(lattice, search.found[4], search.labels, 4)


@pytest.mark.parametrize("name", list(DIAGRAMS))
def test_lines_go_once_through_every_edge_that_is_crossed(name: str) -> None:
    lattice, search, lines = lines_of(name)
    edges = crossings(lattice, search.found[4], search.labels, 4)
    expected = sorted(zip(edges.begin.tolist(), edges.axis.tolist(), strict=True))
    through: list[tuple[int, int]] = []
    for chains in lines.values():
        for chain in chains:
            closed = chain[0] == chain[-1]
            through += [node for node in chain[closed:] if node[1] != MIDDLE]
            for a, b in pairwise(chain):
                between = lattice.places(np.array([a[0], b[0]]))
                assert np.abs(np.diff(between, axis=0)).max() <= 1
    assert sorted(through) == expected


def test_a_disc_is_one_closed_line_and_islands_are_two() -> None:
    _, _, lines = lines_of(disc.__name__)
    assert {pair: [chain[0] == chain[-1] for chain in found] for pair, found in lines.items()} == {
        (0, 1): [True]
    }
    _, _, lines = lines_of(islands.__name__)
    assert sorted(lines) == [(0, 1), (0, 2)]


def test_three_phases_meet_in_one_box() -> None:
    _, _, lines = lines_of(three_phases.__name__)
    ends = {node for chains in lines.values() for chain in chains for node in (chain[0], chain[-1])}
    assert len([node for node in ends if node[1] == MIDDLE]) == 1
    assert sorted(lines) == [(0, 1), (0, 2), (1, 2)]


def test_a_matrix_that_tells_panels_apart_is_the_text_that_results_have(tmp_path: Path) -> None:
    text = TEXT.replace("K = 3\nM = 3\n", "K = 2\nM = 2\nalpha_max = 60.0\n")
    text += "Q0 = [0.5, [[1.0, 0.1], [0.1, 0.5]]]\n"
    grid, found = found_of(text, tmp_path)
    (tmp_path / "tables").mkdir()
    found.points.to_parquet(tmp_path / "tables" / "points.parquet")
    told = [*found.points["Q0"].unique()]
    assert told == ["0.5", "[[1.0,0.1],[0.1,0.5]]"]
    assert {*told} == {*load(grid, tmp_path)["Q0"]}


def test_what_probes_say() -> None:
    assert Probes(200, 0).statement() == (
        "200 probes, none contradicted: with 95 % confidence less than 1.5 % of the area is "
        "labelled wrongly"
    )
    assert Probes(200, 0).bound == pytest.approx(1 - 0.05 ** (1 / 200))
    assert 0.01 < Probes(200, 2).bound < 0.04
    assert "from which the search went on" in Probes(200, 2).statement()
    assert Probes(0, 0).bound == Probes(3, 3).bound == 1.0
    assert "no probes" in Probes(0, 0).statement()


def test_there_is_no_boundary_of_what_is_not_computed_or_has_no_numbers(tmp_path: Path) -> None:
    grid = parse_grid(Path("some.toml"), TEXT)
    with pytest.raises(UsageError, match="no results yet"):
        boundary(grid, Folder(tmp_path, grid.name), lambda _: None)
    words = parse_grid(Path("some.toml"), 'model = "fo-anil"\n[axes]\nK = [2]\n')
    with pytest.raises(UsageError, match="no axis of ascending numbers"):
        boundary(words, Folder(tmp_path, words.name), lambda _: None)
