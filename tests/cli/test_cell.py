from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.shell import GRID, compute, sweep, write_grid

CELL = ("eta_w=3", "eta_J=6", "target_error=0.02", "seed=1")


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return compute(tmp_path_factory.mktemp("cell"))


def test_a_table_on_stdout_and_a_summary_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("cell", write_grid(tmp_path), *CELL) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].split()[:4] == ["alpha", "error", "Q_11", "Q_12"]
    assert len(lines) == 32
    assert shown.err.startswith("sweep: reached at alpha = ")
    assert "learned_units 0" in shown.err


def test_the_target_is_met_when_the_run_says_it_is(computed: tuple[Path, Path]) -> None:
    from sweep.analysis.trajectory import look_into
    from sweep.grid import read_grid

    path, results = computed
    grid = read_grid(path)
    rows = pd.read_parquet(results / "some")
    assert (rows["status"] == "reached").sum() > 12
    for _, row in rows.iterrows():
        named = {name: [repr(row[name])] for name in grid.axes}
        (look,) = look_into(grid, grid.selected(named))
        if row["status"] == "reached":
            assert look.crossing == row["time_to_target"]
        assert look.answers.error_final[0] == row["error_final"]
        np.testing.assert_array_equal(look.answers.lists["R"][0], row["R"])


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_fine_table_as_a_file(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"cell{suffix}"
    assert sweep("cell", write_grid(tmp_path), *CELL[1:], "-o", file) == 0
    table = pd.read_csv(file) if suffix == ".csv" else pd.read_parquet(file)
    assert list(table.columns) == [
        "eta_w", "alpha", "error", "Q_11", "Q_12", "Q_22", "R_11", "R_12", "R_21", "R_22",
        "rho_11", "rho_12", "rho_21", "rho_22",
    ]  # fmt: skip
    assert table["eta_w"].value_counts().to_dict() == {2.0: 1001, 3.0: 1001}
    assert table.notna().all(axis=None)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_numbers_and_matrices_on_one_axis_are_text(tmp_path: Path, suffix: str) -> None:
    matrices = [[[0.123456789012, 0.0], [0.0, last]] for last in (0.123456789012, 0.123456789013)]
    axis = f"R0 = [0.1, {matrices[0]}, {matrices[1]}]"
    grid = write_grid(tmp_path, GRID.replace("R0 = 0.1\n", "").replace("[axes]", f"[axes]\n{axis}"))
    file = tmp_path / f"cell{suffix}"
    assert sweep("cell", grid, *CELL, "-o", file) == 0
    table = pd.read_csv(file) if suffix == ".csv" else pd.read_parquet(file)
    assert [json.loads(text) for text in table["R0"].unique()] == [0.1, *matrices]


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml")]
)
def test_the_picture_as_a_file(tmp_path: Path, suffix: str, start: bytes) -> None:
    file = tmp_path / f"cell{suffix}"
    assert sweep("cell", write_grid(tmp_path), *CELL[1:], "-o", file) == 0
    assert file.read_bytes().startswith(start)


def test_until_is_the_end_of_the_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("cell", write_grid(tmp_path), *CELL, "--until", 1) == 0
    shown = capsys.readouterr()
    assert "not reached at alpha = 1;" in shown.err
    assert shown.out.splitlines()[-1].split()[0] == "1"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "24 cells are left (values: eta_w 2, eta_J 3, target_error 2, seed 2), of which"),
        (("etaw=3",), "etaw: no such parameter of fo-anil; did you mean eta_w?"),
        (
            (*CELL, "-o", "x.jpeg"),
            "x.jpeg: found the ending '.jpeg'; allowed is .png, .pdf, .svg, .csv or .parquet",
        ),
        ((*CELL, "-o", "x.png", "--picture", "tasks"), "tasks: no such picture of fo-anil"),
        ((*CELL, "--picture", "tasks"), "--picture tasks: goes with a file to draw to"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert sweep("cell", write_grid(tmp_path), *words) == 2
    assert message in capsys.readouterr().err


def test_a_picture_that_there_is_not_is_refused_before_anything_is_integrated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (*CELL, "-o", tmp_path / "x.png", "--picture", "foo")
    assert sweep("cell", write_grid(tmp_path), *words) == 2
    said = capsys.readouterr().err
    assert said == "sweep: foo: no such picture of fo-anil; allowed: overlaps, course\n"


def test_a_name_that_is_given_again_adds_a_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("cell", write_grid(tmp_path), *CELL, "eta_w=9", "--until", 1) == 0
    shown = capsys.readouterr()
    assert [line.partition(":")[2].split(":")[0] for line in shown.err.splitlines()] == [
        " eta_w = 3",
        " eta_w = 9",
    ]
    assert len(shown.out.splitlines()) == 1 + 2 * 31


def test_an_ill_posed_start_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = write_grid(tmp_path, GRID.replace("R0 = 0.1", "R0 = [[0.1, 0.1], [0.1, 0.1]]"))
    assert sweep("cell", grid, *CELL) == 0
    assert "sweep: R0: student units 1 and 2 start interchangeable" in capsys.readouterr().err


def test_cells_as_json(computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    path, results = computed
    assert sweep("cell", path, *CELL[:-1], "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["grid"] == "some"
    rows = pd.read_parquet(results / "some").query("eta_w == 3 & eta_J == 6 & target_error == 0.02")
    for cell, (_, row) in zip(found["cells"], rows.sort_values("seed").iterrows(), strict=True):
        assert (cell["K"], cell["seed"], cell["status"]) == (2, row["seed"], row["status"])
        assert cell["time_to_target"] == row["time_to_target"]
        assert cell["Q"] == row["Q"].tolist()
        assert (cell["learned_units"], cell["message"]) == (row["learned_units"], None)
        assert isinstance(cell["learned_units"], int)
        course = cell["course"]
        assert len(course["alpha"]) == len(course["R_22"]) == 1001
        assert course["error"][0] == row["error_initial"]
