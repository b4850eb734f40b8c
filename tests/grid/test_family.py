"""Grid files that extend others: what wins, what is kept as text, and which file an error names."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.grid import Grid, GridError, read_grid
from sweep.grid.contents import Contents
from sweep.grid.family import said
from sweep.grid.identity import cell_ids
from sweep.grid.read import parse_grid

PARENT = """\
title = "All"
model = "fake"
[fixed]
M = 3
eta_J = 2.0
[axes]
K     = { int = [3, 9] }
eta_w = { lin = [0.25, 8.0], n = 4 }
[grid]
exclude = ["K < M"]
[solver]
rtol = 1e-7
[refine]
levels = 2
by = "error_final"
level = 0.25
axes = ["eta_w"]
[plot]
x = "eta_w"
facet = "K"
"""

MODEL = '''
"""Nothing happens."""
import numpy as np
from sweep.models import Ode
def start(p): return np.zeros(1)
def slope(t, y, dy, c): dy[0] = 0.0
def error(y, c): return 1.0
MODEL = Ode("still", (), start=start, slope=slope, error=error)
'''


def written(folder: Path, **texts: str) -> Path:
    """The grid files, by name; the first of them."""
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.toml"


def refused(path: Path) -> str:
    with pytest.raises(GridError) as refusal:
        read_grid(path)
    return str(refusal.value)


def same(one: Grid, other: Grid) -> bool:
    """Whether both are the same grid, whatever their files say."""
    apart = ("text", "path", "origins", "excludes", "model")
    assert [e.text for e in one.excludes] == [e.text for e in other.excludes]
    ids = [cell_ids(grid.cells(), grid.model, grid.solver) for grid in (one, other)]
    names = [name for name in Contents.__dataclass_fields__ if name not in apart]
    return ids[0] == ids[1] and all(getattr(one, n) == getattr(other, n) for n in names)


def test_a_grid_starts_from_another_and_has_the_last_word(tmp_path: Path) -> None:
    own = (
        'extends = "all.toml"\n[axes]\neta_w = { lin = [1, 2], n = 2 }\nseed = [0, 1]\n'
        "[solver]\natol = 1e-15\n"
    )
    found = read_grid(written(tmp_path, mine=own, all=PARENT))
    assert (found.name, found.title) == ("mine", "All")
    assert list(found.axes) == ["K", "eta_w", "seed"]
    assert found.axes["eta_w"].values == (1.0, 2.0)
    assert (found.solver["rtol"], found.solver["atol"]) == (1e-7, 1e-15)
    assert (found.plot.x, found.plot.facet) == ("eta_w", "K")


def test_a_value_takes_the_place_of_an_axis_and_an_axis_that_of_a_value(tmp_path: Path) -> None:
    own = 'extends = "all.toml"\n[fixed]\nK = 4\n[axes]\neta_J = [1, 2, 3]\n'
    found = read_grid(written(tmp_path, mine=own, all=PARENT))
    assert (found.fixed["K"], list(found.axes)) == (4, ["eta_w", "eta_J"])
    assert found.plot.facet is None


@pytest.mark.parametrize(
    ("own", "left"),
    [
        ('[plot]\nseries = "K"\n', {"x": "eta_w", "series": "K"}),
        ('[plot]\nx = "K"\n', {"x": "K", "y": "eta_J"}),
        ('[plot]\nrows = "M"\n', {"x": "eta_w", "y": "eta_J", "rows": "M"}),
        ("[fixed]\neta_J = 3\nK = 3\n", {"x": "eta_w", "where": {"M": 3}}),
    ],
)
def test_what_a_picture_has_of_an_axis_is_said_once(
    tmp_path: Path, own: str, left: dict[str, object]
) -> None:
    """As on the command line: what this file speaks of is no longer the other's."""
    plot = '[plot]\nx = "eta_w"\ny = "eta_J"\nfacet = "K"\nwhere = { K = 3, M = 3 }\n'
    path = written(tmp_path, mine=f'extends = "all.toml"\n{own}', all=f'model = "fake"\n{plot}')
    found = said(path, path.read_text(encoding="utf-8")).document["plot"]
    assert {"where": {"K": 3, "M": 3}, "facet": "K", **left}.items() >= found.items()
    assert left.items() <= found.items()
    assert list(found.values()).count("K") <= 1


def test_chains_are_followed_through_folders_with_their_model(tmp_path: Path) -> None:
    (tmp_path / "far" / "off").mkdir(parents=True)
    (tmp_path / "far" / "still.py").write_text(MODEL, encoding="utf-8")
    written(tmp_path / "far" / "off", root='model = "../still.py"\n[axes]\nseed = [0, 1]\n')
    written(tmp_path / "far", middle='extends = "off/root.toml"\n[fixed]\nt_max = 5\n')
    found = read_grid(written(tmp_path, mine='extends = "far/middle.toml"\ntitle = "Mine"\n'))
    assert (found.model.name, found.title, found.fixed["t_max"]) == ("still", "Mine", 5.0)
    assert same(found, parse_grid(tmp_path / "mine.toml", found.text))


def test_the_text_that_is_kept_makes_the_same_grid_by_itself(tmp_path: Path) -> None:
    own = 'extends = "all.toml"\n[fixed]\nV = inf\nteacher = [[2, 0], [0, 1]]\nM = 2\n'
    found = read_grid(written(tmp_path, mine=own, all=PARENT))
    assert "extends =" not in found.text
    (tmp_path / "all.toml").unlink()
    again = parse_grid(tmp_path / "mine.toml", found.text)
    assert same(found, again)
    assert found.refine is not None
    assert again.text == found.text


def test_a_grid_that_extends_nothing_keeps_its_text(tmp_path: Path) -> None:
    assert read_grid(written(tmp_path, all=PARENT)).text == PARENT


@pytest.mark.parametrize(
    ("parent", "own", "file", "problem"),
    [
        ('model = "fake"\n[fixed]\neta_q = 1\n', "[fixed]\nK = 3\n", "all", "[fixed] eta_q: no"),
        ('model = "fake"\n[fixed]\nM = 3\n', "[fixed]\nM = -1\n", "mine", "[fixed] M: found -1"),
        ('model = "fake"\n[fixed]\nM = -1\n', "[fixed]\nK = 3\n", "all", "[fixed] M: found -1"),
        ('modle = "fake"\n', 'model = "fake"\n', "all", "modle: no such key"),
        ('model = "fake"\nfixed = 3\n', "", "all", "fixed: found 3"),
        ('model = "fake"\n[axes]\nK = []\n', "[axes]\nM = []\n", "all", "[axes] K: found an empty"),
        ('model = "fake"\n[grid]\nexclude = ["K > 0"]\n', "", "all", "[grid] exclude: leaves no"),
        ('model = "fake"\n[axes]\nK = [1\n', "", "all", "not valid TOML"),
        ('model = "fake"\n[plot]\nlevel = "x"\n', "", "all", "[plot] level: found"),
        ('model = "fake"\n[refine]\nby = "status"\n', "", "all", "[refine] levels: is missing"),
        ('model = "fake"\n', "[plot]\nlevel = 'x'\n", "mine", "[plot] level: found"),
    ],
)
def test_an_error_names_the_file_in_which_the_key_stands(
    tmp_path: Path, parent: str, own: str, file: str, problem: str
) -> None:
    line = refused(written(tmp_path, mine=f'extends = "all.toml"\n{own}', all=parent))
    assert line.startswith(f"{tmp_path / file}.toml: {problem}"), line


@pytest.mark.parametrize("first", ["b", "a", "./../{}/a"])
def test_a_circle_is_refused_in_one_line(tmp_path: Path, first: str) -> None:
    first = first.format(tmp_path.name)
    path = written(tmp_path, a=f'extends = "{first}.toml"\n', b='extends = "a.toml"\n')
    line = refused(path)
    assert "extends: leads back to where it came from: a.toml → " in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ('"al.toml"', "extends: {}/al.toml: no such file; did you mean {}/all.toml?"),
        ("3", 'extends: found 3; allowed is a grid file, as in "fig5.toml"'),
        ('""', 'extends: found ""; allowed is a grid file, as in "fig5.toml"'),
        ('"."', "extends: {}: is a folder; give a grid file, like grids/quick.toml"),
    ],
)
def test_what_cannot_be_extended_is_said(tmp_path: Path, named: str, problem: str) -> None:
    path = written(tmp_path, mine=f"extends = {named}\n", all=PARENT)
    assert refused(path) == f"{path}: {problem.format(tmp_path, tmp_path)}"


def test_what_is_said_later_of_a_key_names_its_file_as_well(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, mine='extends = "all.toml"\ntitle = "Mine"\n', all=PARENT))
    with pytest.raises(GridError, match=r"all\.toml: \[grid\] exclude: leaves no such cell"):
        grid.selected({"K": ["2"]})
