"""`sweep info`: who computed the saved rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sweep import __version__
from sweep.store import metadata
from tests.cli.shell import sweep
from tests.faults.laboratory import text_of

AXES = "x = [1, 2]\ny = [1, 2]\ntarget_error = [0.1, 0.01]"
FIRST, SECOND = ("a" * 40, False), ("b" * 40, True)

Said = pytest.CaptureFixture[str]


@pytest.fixture
def grid(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(metadata, "_commit", lambda: FIRST)
    path = here / "grid.toml"
    path.write_text(text_of(AXES))
    assert sweep("run", path) == 0
    return path


def facts(grid: Path, capsys: Said) -> Any:
    capsys.readouterr()
    assert sweep("info", grid, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_who_made_the_rows_and_what_they_cost(grid: Path, capsys: Said) -> None:
    found = facts(grid, capsys)
    assert (found["cells"], found["saved"], found["rows"]) == (8, 8, 8)
    rows = pd.read_parquet("results/grid")
    once = rows.groupby(["x", "y"])["wall_s"].first().sum()
    assert found["core_s"] == pytest.approx(once), "a trajectory of two cells counts once"
    (made,) = found["made"]
    assert made["sweep_version"] == __version__
    assert (made["git_commit"], made["git_modified"]) == FIRST
    assert made["grid"] == grid.read_text()
    assert made["grid_is_current"]
    assert made["host"]
    assert made["since"] <= made["written"]


def test_what_is_not_known_has_a_dash(grid: Path, capsys: Said) -> None:
    with pytest.MonkeyPatch.context() as outside:
        outside.setattr(metadata, "_commit", lambda: ("", False))
        assert sweep("run", grid, "--results", "others") == 0
    capsys.readouterr()
    assert sweep("info", grid, "--results", "others") == 0
    assert ["commit", "–"] in [line.split() for line in capsys.readouterr().out.splitlines()]


def test_several_who_made_rows_are_listed_with_what_differs(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = grid.read_text()
    monkeypatch.setattr(metadata, "_commit", lambda: SECOND)
    grid.write_text(text_of(AXES.replace("y = [1, 2]", "y = [1, 2, 3]")))
    assert sweep("run", grid) == 0
    capsys.readouterr()
    assert sweep("info", grid) == 0
    out = capsys.readouterr().out
    assert f"\nsweep          {__version__}\n" in out
    lines = [line.split() for line in out.splitlines()]
    assert next(line for line in lines if line[:1] == ["1"])[1] == FIRST[0]
    assert next(line for line in lines if line[:1] == ["2"])[1:3] == [SECOND[0], "(modified)"]
    old = "".join(f"  {line}".rstrip() + "\n" for line in before.splitlines())
    assert f"\ngrid file of 1, which is another now:\n{old}" in out
    assert out.endswith("\ngrid file of 2: as it is now\n")


def test_who_only_merges_files_has_made_no_row(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "_commit", lambda: SECOND)
    (part,) = Path("results/grid").iterdir()
    part.with_name("copied.parquet").write_bytes(part.read_bytes())
    assert sweep("run", grid) == 0
    assert [made["git_commit"] for made in facts(grid, capsys)["made"]] == [FIRST[0]]


def test_rows_of_cells_that_the_grid_has_no_more_are_counted(grid: Path, capsys: Said) -> None:
    grid.write_text(text_of(AXES.replace("x = [1, 2]", "x = [1, 5]")))
    found = facts(grid, capsys)
    assert (found["cells"], found["saved"], found["rows"]) == (8, 4, 8)
    (made,) = found["made"]
    assert not made["grid_is_current"]


def test_without_results_it_says_where_it_looked(grid: Path, capsys: Said) -> None:
    capsys.readouterr()
    assert sweep("info", grid, "--results", "none") == 2
    assert capsys.readouterr().err.startswith("sweep: none/grid: no results yet, nor such a folder")
