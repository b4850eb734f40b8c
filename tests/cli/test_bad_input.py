"""Whatever is wrong with what is given: exit code 2, one line that names it, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.cli.words import Duration
from tests.cli.shell import sweep, write_grid

FIXED = "[fixed]\nK = 2\nM = 2\n{}\n[axes]\neta_w = [2, 3]\n"
MODEL = 'model = "fo-anil"\n'

BAD_GRIDS = {
    "broken TOML": ('model = "fo-anil\n', "line 1"),
    "an unknown model": ('model = "fo-annil"\n', "fo-anil"),
    "no model": ("[fixed]\nK = 2\n", "model"),
    "an unknown key": (MODEL + FIXED.format("eta_j = 3"), "eta_J"),
    "an unknown section": (MODEL + "[axis]\nK = [2]\n", "axes"),
    "a wrong type": (MODEL + FIXED.format('alpha_max = "long"'), "alpha_max"),
    "a truth value": (MODEL + FIXED.format("alpha_max = true"), "alpha_max"),
    "a rate of zero": (MODEL + FIXED.format("eta_J = 0"), "eta_J"),
    "half a unit": (MODEL + "[axes]\nK = [1.5]\n", "K"),
    "no unit": (MODEL + "[axes]\nK = [0]\n", "K"),
    "an axis that is fixed, too": (MODEL + FIXED.format("eta_w = 2"), "eta_w"),
    "an axis named twice": (MODEL + "[axes]\nK = [1]\nK = [2]\n", "line 4"),
    "an empty axis": (MODEL + "[axes]\nK = []\n", "K"),
    "unequal zipped axes": (
        MODEL + '[axes]\nK = [2, 3]\nM = [2, 3, 4]\n[grid]\nzip = [["K", "M"]]\n',
        "M has 3",
    ),
    "code in an exclude": (
        MODEL + "[axes]\nK = [2]\n[grid]\nexclude = [\"__import__('os').system('touch x')\"]\n",
        "exclude",
    ),
    "an exclude that leaves nothing": (
        MODEL + '[axes]\nK = [2]\n[grid]\nexclude = ["K > 0"]\n',
        "exclude",
    ),
    "a start that is no covariance": (MODEL + FIXED.format("R0 = [[9, 0], [0, 9]]"), "R0"),
    "a start of the wrong shape": (MODEL + FIXED.format("Q0 = [[1]]"), "Q0"),
    "a teacher that is not symmetric": (
        MODEL + FIXED.format("teacher = [[1, 0.5], [0, 1]]"),
        "teacher",
    ),
    "a teacher that is not positive definite": (
        MODEL + FIXED.format("teacher = [[1, 2], [2, 1]]"),
        "teacher",
    ),
    "finite P with more inner steps": (
        MODEL + FIXED.format("P = 9\ninner_steps = 2"),
        "inner_steps",
    ),
    "relu with finite V": (MODEL + FIXED.format('V = 9\nactivation = "relu"'), "activation"),
    "a tolerance beyond reason": (MODEL + "[axes]\nK = [2]\n[solver]\nrtol = 1\n", "rtol"),
    "a tolerance of what has none": (
        'model = "fourier-maml"\n[axes]\nD = [101]\n[solver]\nrtol = 1e-3\n',
        "[solver] rtol: no such solver setting of fourier-maml; there is none\n",
    ),
    "a picture over no parameter": (MODEL + '[axes]\nK = [2]\n[plot]\nx = "eta"\n', "eta"),
    "an infinite rate": (MODEL + FIXED.format("eta_J = inf"), "eta_J"),
    "an even D": ('model = "fourier-maml"\n[axes]\nD = [100]\n', "D"),
    "more points than the pool": (
        'model = "fourier-maml"\n[fixed]\nD = 5\npool = 64\nn_val = 40\n[axes]\nn_train = [40]\n',
        "pool",
    ),
    "order 3": ('model = "fourier-maml"\n[axes]\norder = [3]\n', "order"),
    "c0_scale for MAML": ('model = "fourier-maml"\n[axes]\nc0_scale = [0.1]\n', "c0_scale"),
    "an infinite simulation": ('model = "fo-anil-simulation"\n[axes]\nV = [inf]\n', "V"),
}


@pytest.mark.parametrize("what", list(BAD_GRIDS))
@pytest.mark.parametrize("command", ["plan", "run", "status"])
def test_a_bad_grid_is_refused_in_one_line(
    what: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, named = BAD_GRIDS[what]
    grid, results = write_grid(tmp_path, text), tmp_path / "results"
    assert sweep(command, grid, "--results", results) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert named in said.err
    assert "Traceback" not in said.err
    assert sorted(tmp_path.iterdir()) == [grid]


@pytest.mark.parametrize("command", ["plan", "run", "status", "plot", "best", "cell"])
def test_a_missing_grid_is_refused_in_one_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(command, tmp_path / "nowhere.toml") == 2
    said = capsys.readouterr()
    assert "nowhere.toml" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--max-time soon", "--max-time"),
        ("--max-time -5s", "--max-time"),
        ("--max-time 30m1h", "as in 30m or 1h30m"),
        ("--max-time 1h30", "as in 30m or 1h30m"),
        ("--max-time 1.2.3h", "as in 30m or 1h30m"),
        ("--shard 0/3", "--shard"),
        ("--shard 4/3", "--shard"),
        ("--shard half", "--shard"),
        ("--jobs 0", "--jobs"),
        ("--backend carrier-pigeon", "--backend"),
        ("--backend dask", "--backend dask and --scheduler ADDRESS go together"),
        (
            "--backend loky --scheduler tcp://127.0.0.1:1",
            "--backend dask and --scheduler ADDRESS go together",
        ),
    ],
)
def test_a_bad_option_is_refused(
    words: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = write_grid(tmp_path)
    assert sweep("run", grid, "--results", tmp_path / "results", *words.split()) == 2
    assert said in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [grid]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("0.5s", 0.5),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("2d0.5s", 172800.5),
        ("1e2m", 6e3),
    ],
)
def test_a_time_has_units_from_days_to_seconds(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("name", ["a\nb.toml", "a\x1b[31mb.toml", "a\rb.toml"])
def test_a_name_of_several_lines_is_said_on_one(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = write_grid(tmp_path)
    assert sweep("status", grid, "--results", tmp_path / name) == 0
    said = capsys.readouterr().err
    assert said.startswith("sweep: ")
    assert said.removesuffix("\n").isprintable()
