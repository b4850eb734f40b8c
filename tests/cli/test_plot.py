from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import GRID, compute, sweep, write_grid


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return compute(tmp_path_factory.mktemp("plot"))


@pytest.mark.parametrize(
    "words",
    [
        ("--value", "error_final"),
        ("--value", "status", "--where", "seed=1"),
        ("--value", "learned_units"),
        ("--value", "rhs_evaluations"),
        ("--value", "wall_s"),
        ("--value", "alignment[1]"),
        ("--value", "R[3]", "--series", "eta_J"),
        ("--statistic", "spread"),
        ("--statistic", "fraction"),
        ("--x", "eta_J", "--where", "target_error=0.01"),
        ("--where", "eta_J=3", "--where", "eta_J=12", "--where", "target_error=0.01"),
        ("--where", "eta_J=3,12", "--where", "target_error=0.01"),
        ("--x", "eta_w", "--facet", "eta_J", "--where", "target_error=0.01"),
    ],
)
def test_every_column_and_statistic_is_drawn(
    tmp_path: Path, computed: tuple[Path, Path], words: tuple[str, ...]
) -> None:
    grid, results = computed
    usual, other = tmp_path / "usual.png", tmp_path / "other.png"
    assert sweep("plot", grid, "--results", results, "-o", usual) == 0
    assert sweep("plot", grid, "--results", results, "-o", other, *words) == 0
    assert other.read_bytes().startswith(b"\x89PNG")
    assert other.read_bytes() != usual.read_bytes()


def test_a_page_has_the_cells_and_their_courses(
    tmp_path: Path, computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    page = tmp_path / "new" / "some.HTML"
    assert sweep("plot", grid, "--results", results, "-o", page, "--courses", "all") == 0
    assert capsys.readouterr().err.splitlines()[-1] == f"sweep: picture: {page}"
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert '["status","u1",24]' in text
    assert '"name":"rho","symbol":"ρ","shape":[2,2]' in text
    assert "sweep cell" in text
    assert [*page.parent.iterdir()] == [page]


def test_courses_go_with_a_page(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    assert sweep("plot", grid, "--results", results, "--courses", "all") == 2
    assert "--courses all: goes with a page, as in -o some.html" in capsys.readouterr().err


def test_the_picture_lies_beside_the_results_by_default(computed: tuple[Path, Path]) -> None:
    grid, results = computed
    assert sweep("plot", grid, "--results", results) == 0
    assert (results / "some.png").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--value", "lerned_units"), "value: lerned_units: no such column; did you mean learned"),
        (("--value", "alignment"), "alignment holds lists; choose an entry, as in alignment[0]"),
        (("--value", "Q[4]"), "value: found Q[4]; allowed are Q[0] to Q[3]"),
        (("--value", "error_final[0]"), "error_final holds no lists; leave out [0]"),
        (("--x", "eta"), "sweep: --x: eta: no such axis; did you mean eta_w?"),
        (("--where", "eta=3"), "sweep: --where: eta: no such axis; did you mean eta_w?"),
        (("--y", "eta_J", "--series", "seed"), "sweep: --series: goes with lines; leave out y"),
        (("--where", "eta_w=3.5"), "where: no cell has eta_w = 3.5; there are 2, 3"),
        (("--where", "eta_w"), "allowed is NAME=VALUE, as in eta_w=3"),
        (("-o", "x.gif"), "x.gif: found the ending '.gif'; allowed is .png, .pdf, .svg or .html"),
        (
            ("--statistic", "spread", "--where", "seed=1"),
            "statistic: found spread, which needs several seeds at a place of the picture",
        ),
        (("--series", "seed"), "eta_J: takes several values (3, 6, 12) that this picture"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_cure(
    computed: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    message: str,
) -> None:
    grid, results = computed
    assert sweep("plot", grid, "--results", results, *words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("value", ["time_to_target", "status", "alignment[0]"])
def test_without_results_there_is_nothing_to_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    grid = write_grid(tmp_path)
    assert sweep("plot", grid, "--results", tmp_path / "none", "--value", value) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"sweep: {tmp_path}/none/some: no results yet, nor such a folder; ")
    assert f"`sweep run {grid} --results {tmp_path}/none` makes them" in said
    assert sorted(tmp_path.iterdir()) == [grid]


BAD_PLOTS = {
    "an unknown column": ('value = "lerned_units"', "lerned_units: no such column; did you mean"),
    "a column of lists": ('value = "Q"', "value: Q holds lists; choose an entry, as in Q[0]"),
    "an entry of no list": ('value = "wall_s[0]"', "value: wall_s holds no lists; leave out [0]"),
    "no axis": ('x = "K"', "x: K: no such axis; allowed: eta_w, eta_J, target_error, seed"),
    "the status as lines": ('x = "eta_w"\nvalue = "status"', "value: status needs two axes"),
    "an axis too many": ('x = "eta_w"\nfacet = "seed"', "takes several values (0.01, 0.02)"),
}


@pytest.mark.parametrize("what", BAD_PLOTS)
def test_a_picture_that_cannot_be_is_refused_before_anything_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    plot, message = BAD_PLOTS[what]
    grid = write_grid(tmp_path, f"{GRID.partition('[plot]')[0]}[plot]\n{plot}\n")
    assert sweep("run", grid, "--results", tmp_path / "results", "--plot") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"sweep: {grid}: [plot] ")
    assert message in said
    assert sorted(tmp_path.iterdir()) == [grid]


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        ('x = "K"', "x: K: no such axis; allowed: eta_w, eta_J, target_error, seed"),
        ('value = "lerned_units"', "value: lerned_units: no such column; did you mean"),
        ('y = "eta_J"\nseries = "seed"', "series: goes with lines; leave out y"),
    ],
)
@pytest.mark.parametrize("command", ["plan", "run"])
def test_what_is_wrong_with_the_plot_section_is_said_before_a_picture_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, plot: str, message: str
) -> None:
    text = f"{GRID.partition('[plot]')[0]}[plot]\n{plot}\n".replace("30", "0.01")
    grid = write_grid(tmp_path, text)
    assert sweep(command, grid, "--results", tmp_path / "results") == 0
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith(f"sweep: {grid}: [plot] {message}")


@pytest.mark.parametrize("words", [("run", "--plot"), ("plot",)])
def test_a_file_of_the_user_s_where_the_picture_would_be_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    command, *options = words
    grid, theirs = write_grid(tmp_path), tmp_path / "some.png"
    theirs.write_text("theirs")
    assert sweep(command, grid, "--results", tmp_path, *options) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"sweep: {theirs}: is where the picture would be, but sweep has not")
    assert said.count("\n") == 1
    assert theirs.read_text() == "theirs"
    assert sorted(tmp_path.iterdir()) == [theirs, grid]


def test_a_picture_of_ours_is_drawn_over(computed: tuple[Path, Path]) -> None:
    grid, results = computed
    for _ in range(2):
        assert sweep("run", grid, "--results", results, "--plot") == 0


def test_a_display_that_is_not_there_does_not_matter(computed: tuple[Path, Path]) -> None:
    grid, results = computed
    words = ["plot", str(grid), "--results", str(results)]
    environment = {**os.environ, "MPLBACKEND": "no-such-backend"}
    ended = subprocess.run(
        [sys.executable, "-m", "sweep", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, f"sweep: picture: {results / 'some.png'}\n")


def test_a_picture_of_a_single_cell_is_refused_before_it_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = write_grid(tmp_path, GRID.partition("[axes]")[0])
    assert sweep("run", grid, "--results", tmp_path / "results", "--plot") == 2
    assert "some.toml: has no axis to draw over" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [grid]


def test_a_picture_with_other_choices_is_not_drawn_over_the_grid_s(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    assert sweep("plot", grid, "--results", results) == 0
    own = (results / "some.png").read_bytes()
    choices = ("--statistic", "fraction", "--where", "eta_J=3..6", "--value", "error_final")
    assert sweep("plot", grid, "--results", results, *choices) == 0
    assert f"picture: {results}/some-error_final-fraction-eta_J=3..6.png" in capsys.readouterr().err
    assert (results / "some.png").read_bytes() == own
    assert sweep("plot", grid, "--results", results, "--facet", "target_error") == 0
    assert f"picture: {results}/some.png" in capsys.readouterr().err


def test_the_picture_of_another_grid_is_not_drawn_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = write_grid(tmp_path)
    (tmp_path / "some-spread").mkdir()
    assert sweep("plot", grid, "--results", tmp_path, "--statistic", "spread") == 2
    assert "it is that of the grid some-spread; name another file" in capsys.readouterr().err


def test_all_of_the_plot_table_is_an_option(computed: tuple[Path, Path]) -> None:
    from sweep.cli.plot import plot
    from sweep.grid.drawing import PLOT_KEYS

    assert {parameter.name for parameter in plot.params} >= set(PLOT_KEYS)
    grid, results = computed
    words = (
        *("--rows", "target_error", "--columns", "seed", "--limits", "1", "40", "--scale", "log"),
        *("--contours", "5", "--contours", "20", "--boundary", "--width", "4", "--dpi", "40"),
        *("--labels", "eta_w=inner rate", "--quantiles", "0.1", "0.9", "--level", "3"),
    )
    assert sweep("plot", grid, "--results", results, "-o", results / "all.png", *words) == 0
    assert int.from_bytes((results / "all.png").read_bytes()[16:20]) == 160
