"""The cells of theory that a grid of the simulation names, and how rows are put beside them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sweep.analysis.theory import THEORIES, theory_grid
from sweep.errors import UsageError
from sweep.grid import Axis, Grid, cell_ids
from sweep.grid.read import parse_grid

START = "[[0.1, 0.05, 0.0], [0.0, 0.1, 0.05], [0.05, 0.0, 0.1]]"


def grid(text: str, model: str = "fo-anil-simulation") -> Grid:
    return parse_grid(Path("some.toml"), f'model = "{model}"\n{text}')


AXES = "[axes]\neta_w = [2.0, 3.0]\nN = [100, 1000]\nP = [10, 50]\nseed = [0, 1, 2]\n"


def test_theory_has_the_same_parameters_but_for_the_dimension() -> None:
    simulated = grid(f"[fixed]\nsigma_y = 0.2\nV = 70\nR0 = {START}\n[axes]\neta_w = [2, 3]")
    ideal = theory_grid(simulated, "finite")
    assert (ideal.model.name, ideal.name) == ("fo-anil", "some-theory")
    cells, expected = ideal.cells(), simulated.cells()
    assert len(cells) == len(expected) == 2
    for i in range(len(cells)):
        cell = cells.cell(i)
        assert {**cell, "N": 1000} == {**expected.cell(i), "activation": "erf"}


def test_infinite_theory_has_no_samples() -> None:
    ideal = theory_grid(grid(AXES), "infinite")
    assert list(ideal.axes) == ["eta_w", "seed"]
    assert (ideal.fixed["P"], ideal.fixed["V"]) == (math.inf, math.inf)


def test_the_seed_counts_only_where_it_makes_the_start() -> None:
    assert "seed" in theory_grid(grid(AXES), "finite").axes
    assert "seed" not in theory_grid(grid(f"[fixed]\nR0 = {START}\n{AXES}"), "finite").axes


def test_zipped_axes_and_conditions_go_without_the_dimension() -> None:
    text = AXES + '[grid]\nzip = [["N", "P"]]\nexclude = ["N < 500 and eta_w > 2", "P > 20"]'
    ideal = theory_grid(grid(text), "finite")
    assert ideal.zipped == ()
    assert [e.text for e in ideal.excludes] == ["P > 20"]
    kept = theory_grid(grid(text.replace('"N", "P"', '"P", "eta_w"')), "finite")
    assert kept.zipped == (("P", "eta_w"),)


@pytest.mark.parametrize("theory", THEORIES)
@pytest.mark.parametrize(
    "text",
    [
        "",
        f"[fixed]\nR0 = {START}\nteacher = [[1, 0.25, 0], [0.25, 2, 0], [0, 0, 3]]\n{AXES}",
        AXES + 'eta_J = { log = [0.3, 7.0], n = 2 }\n[grid]\nzip = [["eta_w", "eta_J"]]\n'
        'exclude = ["eta_w == 2 and seed > 0"]\n[plot]\nx = "N"\ny = "eta_w"\nlevel = 0.1',
        '[fixed]\ntarget_error = 0.12345678901234567\n[axes]\nteacher = [0.1, "identity"]',
    ],
    ids=["defaults", "matrices", "conditions", "words"],
)
def test_the_text_of_theory_is_a_grid_file_with_its_cells(theory: str, text: str) -> None:
    title = 'title = "A \\"quoted\\" title, ε \\\\ \\u007F"\n'
    ideal = theory_grid(grid(title + text), theory)  # type: ignore[arg-type]
    read = parse_grid(Path("some-theory.toml"), ideal.text)
    assert cell_ids(read.cells(), read.model, read.solver) == cell_ids(
        ideal.cells(), ideal.model, ideal.solver
    )
    same = read.replaced(path=ideal.path, origins=ideal.origins, excludes=())
    listed = {name: Axis(name, values) for name, values in ideal.swept.items()}
    assert same == ideal.replaced(axes=listed, excludes=())
    assert [e.text for e in read.excludes] == [e.text for e in ideal.excludes]
    words = "P and V as simulated" if theory == "finite" else "P = V = inf"
    assert ideal.text.startswith(f"# Theory ({words}, N → inf) beside the cells of some.toml; made")


@pytest.mark.parametrize("theory", THEORIES)
def test_another_model_is_refused(theory: str) -> None:
    with pytest.raises(UsageError, match="model: found fo-anil; allowed is fo-anil-simulation"):
        theory_grid(grid("", "fo-anil"), theory)  # type: ignore[arg-type]


def test_cells_without_a_theory_are_refused_with_the_cure() -> None:
    several_steps = grid("[fixed]\ninner_steps = 5")
    with pytest.raises(UsageError, match=r"no such cells: P: .*--theory infinite"):
        theory_grid(several_steps, "finite")
    assert theory_grid(several_steps, "infinite").fixed["inner_steps"] == 5
