"""Ways to get a model's file wrong: one line that says where and what, before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.errors import UsageError
from sweep.models.own.source import LARGEST_FILE
from tests.models.own.files import DECAY, WALK, WALK_GRID, changed, grid_of

SLOPE = "dy[i] = -rate * y[i]"

IN_THE_FILE = [
    (("for i in index:", "for i in index"), "line 18: expected ':'"),
    (("MODEL =", "MODELL ="), "has no MODEL; end the file with MODEL = "),
    (("MODEL = Ode(", "MODEL = {}; Ode("), "MODEL is a dict; allowed is an Ode"),
    (("import numpy as np", "import nunpy as np"), "line 3: ModuleNotFoundError: No module named"),
    (("import numpy as np", "raise RuntimeError('a\\nb')"), "line 3: RuntimeError: a b"),
    (("import numpy as np", "import sys; sys.exit(3)"), "line 3: ends the program (3)"),
    (("    start=start,\n", ""), "missing 1 required keyword-only argument: 'start'"),
    (("    start=start,", "    start=3,"), "start: found 3; allowed is a function"),
    (("    start=start,", "    start=start, begin=start,"), "argument 'begin'"),
    (("(t, y, dy, c)", "(y, dy, c)"), "it is called as slope(t, y, dy, c)"),
    (("def error(y, c)", "def error(y)"), "it is called as error(y, c)"),
    (('"n", 2', '"rate", 2'), "rate is declared twice"),
    (('"n", 2', '"status", 2'), "status is a column of every model's results"),
    (('"n", 2', '"n m", 2'), "found the name 'n m'"),
    (('"n", 2', '"n", 9'), "n: found 9; allowed is an integer ≥ 1 and ≤ 5"),
    (('flag("loud")', '"loud"'), "found 'loud'; allowed are integer(...)"),
    (('"decay",', '"fo-anil",'), "a word that no other model has"),
    (('"last":', '"wall_s":'), "wall_s is a column already"),
    (("columns=", "version=1.5, columns="), "version: found 1.5"),
    (("columns=", "time='a b', columns="), "time: found 'a b'"),
    (("columns=", "answered_together=('colour',), columns="), "colour is no number"),
    (("columns=", "answered_together=('color',), columns="), "none of the parameters"),
    (('"n", 2', '"lambda", 2'), "found the name 'lambda'"),
    (('"n", 2', '"items", 2'), "items has another meaning already"),
    (('"n", 2', '"rtol", 2'), "rtol has another meaning already"),
    (('"n", 2', '"t", 2'), "t has another meaning already"),
    (('("red", "blue")', "(1, 2)"), "a choice needs the words that are allowed"),
]

AT_THE_START = [
    (("np.full(p.n, p.size)", "p.size"), "start: gives an array of the shape ()"),
    (("np.full(p.n, p.size)", "np.ones((2, 2))"), "start: gives an array of the shape (2, 2)"),
    (("np.full(p.n, p.size)", "['a']"), "start: gives no vector of numbers"),
    (("p.size)", "p.sise)"), "line 9: AttributeError: the model has no parameter 'sise'; did you"),
    (("(p.rate, np.arange(p.n))", "{'rate': 1}"), "constants: found dict"),
    (("(p.rate, np.arange(p.n))", "(p.rate, None)"), "constants: found NoneType"),
    ((SLOPE, "return -rate * y[i]"), "dy[0] is not written"),
    (("for i in index:", "for i in index[:1]:"), "dy[1] is not written"),
    ((SLOPE, "dy = -rate * y"), "dy[0] is not written"),
    ((SLOPE, "dy[i] = -rate * z[i]"), "line 19: NameError: name 'z' is not defined"),
    ((SLOPE, "dy[i] = -rate * y[i + 1]"), "line 19: IndexError"),
    (("return 0.5 * np.sum(y * y) / y.size", "return y"), "error: gives a ndarray"),
    (("return 0.5 * np.sum(y * y) / y.size", "pass"), "error: gives a NoneType"),
    (
        ("columns=", "jacobian=lambda t, y, J, c: None, columns="),
        "jacobian: J[0, 0] is not written",
    ),
    ((SLOPE, "dy[i] = -rate * y[i]; exec('')"), "numba cannot compile this"),
    ((SLOPE, "import json; dy[i] = -rate * y[i]"), "numba cannot compile this"),
    ((SLOPE, "dy[i] = -rate * y[i]; y[i] = 0"), "slope: changes y or c"),
    ((SLOPE, "dy[i] = -rate * y[i]; index[i] += 1"), "slope: changes y or c"),
    (("return 0.5 * np.sum(y * y) / y.size", "return y[0] + 1j"), "error: gives a complex"),
    (("return np.full(p.n, p.size)", "np.full(p.n, p.size)"), "start: gives nothing"),
    (("return np.full(p.n, p.size)", "return []"), "start: gives no component"),
    (("return np.full(p.n, p.size)", "return [1j]"), "start: gives complex numbers"),
    (("columns=", "series=lambda p, y: y, columns="), "series: gave ndarray"),
    (("columns=", "series=lambda p, y: {'a': y[0]}, columns="), "series: a has the shape"),
    (("columns=", "series=lambda p, y: {'t': y}, columns="), "series: t is what the course has"),
    (('{"last": lambda p, y: y[-1]}', '("zz",)'), "columns: zz is none of what series gives (y)"),
    (
        ("def slope(", "def power(y):\n    return y\n\n\ndef slope("),
        (SLOPE, "dy[i] = -rate * power(y[i])"),
        "line 23: numba cannot compile this: Untyped global name 'power'",
    ),
]


@pytest.mark.parametrize("mistake", IN_THE_FILE, ids=[case[-1] for case in IN_THE_FILE])
def test_what_is_wrong_with_a_file_is_said_when_it_is_read(tmp_path: Path, mistake: object) -> None:
    *replacements, problem = mistake  # type: ignore[misc]
    with pytest.raises(UsageError) as refused:
        grid_of(tmp_path, changed(DECAY, *replacements))
    _is_one_line(refused.value, problem, tmp_path)


@pytest.mark.parametrize("mistake", AT_THE_START, ids=[case[-1] for case in AT_THE_START])
def test_what_is_wrong_with_functions_is_said_before_a_run(tmp_path: Path, mistake: object) -> None:
    *replacements, problem = mistake  # type: ignore[misc]
    grid = grid_of(tmp_path, changed(DECAY, *replacements))
    with pytest.raises(UsageError) as refused:
        grid.model.warm_up(
            grid.model.alone(grid.cells().cell(0 if "y[i + 1]" in str(mistake) else 1))
        )
    _is_one_line(refused.value, problem, tmp_path)


def _is_one_line(error: UsageError, problem: str, folder: Path) -> None:
    line = str(error)
    assert line.startswith(str(folder / "model.py"))
    assert problem in line
    assert "\n" not in line


def test_what_may_be_the_fault_of_a_cell_is_left_to_its_row(tmp_path: Path) -> None:
    text = changed(DECAY, ("return np.full", "raise ValueError('too large')\n    return np.full"))
    grid = grid_of(tmp_path, text)
    trajectory = grid.model.alone(grid.cells().cell(0))
    grid.model.warm_up(trajectory)
    with pytest.raises(ValueError, match="too large"):
        grid.model.solve(trajectory, grid.solver)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("modle.py", "no such file"),
        ("folder.py", "is no file"),
        ("large.py", "is larger than"),
        ("latin.py", "is not UTF-8"),
        ("modul", "no such model"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "large.py").write_text("#" * (LARGEST_FILE + 1))
    (tmp_path / "latin.py").write_bytes("# é".encode("latin-1"))
    with pytest.raises(UsageError, match=problem):
        grid_of(tmp_path, DECAY, f'model = "{name}"')


def test_a_parameter_of_ones_own_is_checked_like_any_other(tmp_path: Path) -> None:
    for grid, problem in {
        "[fixed]\nraet = 1": "raet: no such parameter of decay; did you mean rate?",
        "[fixed]\nrate = 0": "rate: found 0; allowed is a number > 0",
        "[fixed]\nloud = 1": "loud: found 1; allowed is true or false",
        "[axes]\nloud = [true, false]\n[grid]\nexclude = ['lout']": "did you mean loud?",
        '[fixed]\ncolour = "rde"': 'colour: found "rde"; allowed is one of red, blue',
        "[solver]\nrtool = 1": "did you mean rtol?",
    }.items():
        with pytest.raises(UsageError) as refused:
            grid_of(tmp_path, DECAY, f'model = "model.py"\n{grid}')
        assert problem in str(refused.value)


def test_what_a_file_prints_does_not_mix_with_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid_of(tmp_path, WALK + "\nprint('loaded')", WALK_GRID)
    said = capsys.readouterr()
    assert said.out == ""
    assert "loaded" in said.err
