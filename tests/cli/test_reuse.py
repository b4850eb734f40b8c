"""`sweep run --reuse`: cells that another grid's results have are copied, not computed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sweep.store import parquet
from sweep.store.folder import Folder
from tests.cli.shell import sweep
from tests.faults.laboratory import text_of
from tests.faults.model import FaultyModel

AXES = "x = [1, 2]\ny = [1, 2, 3]\ntarget_error = [0.1, 0.01]"
REFINED = text_of("x = { lin = [0, 1], n = 3 }\ny = { int = [1, 4] }")
SECTION = '[refine]\nlevels = 2\naxes = ["x"]\nby = "time_to_target"\nlevel = 5.0\nprobes = 0\n'

Said = pytest.CaptureFixture[str]


@pytest.fixture
def new(here: Path) -> Path:
    """A grid with the cells of one that is computed in `results/old`, and further ones."""
    (here / "old.toml").write_text(text_of(AXES))
    assert sweep("run", "old.toml") == 0
    path = here / "new.toml"
    path.write_text(text_of(AXES.replace("[1, 2]", "[1, 2, 4]")))
    return path


def rows(name: str) -> pd.DataFrame:
    return pd.read_parquet(f"results/{name}").sort_values("cell_id", ignore_index=True)


def test_a_renamed_grid_computes_nothing(new: Path, capsys: Said) -> None:
    Path("old.toml").rename(new)
    capsys.readouterr()
    assert sweep("run", new, "--reuse", "results/old") == 0
    copied, counts = capsys.readouterr().err.splitlines()
    assert copied == "sweep: --reuse: 12 cells copied from results/old"
    assert counts.startswith("sweep: new: 12 cells, 12 reached; computed 0 in ")
    pd.testing.assert_frame_equal(rows("new"), rows("old"), check_exact=True)
    assert sweep("info", new, "--json") == 0
    (made,) = json.loads(capsys.readouterr().out)["made"]
    assert made["grid"] == new.read_text(), "who computed them is still known"


def test_what_is_not_there_is_computed(new: Path, capsys: Said) -> None:
    assert sweep("run", new, "--reuse", "results/old", "--shard", "1/2") == 0
    assert sweep("run", new, "--reuse", "results/old") == 0
    said = capsys.readouterr().err
    assert "new: 18 cells, 18 reached; computed" in said
    assert sum(1 for _ in Path("results/new").iterdir()) == 1, "merged"
    old = rows("old")
    again = rows("new").set_index("cell_id").loc[old["cell_id"]].reset_index()
    pd.testing.assert_frame_equal(again, old, check_exact=True)


def test_of_a_refined_grid_every_batch_is_looked_up(new: Path, capsys: Said) -> None:
    new.write_text(text_of("x = { lin = [0, 1], n = 9 }\ny = { int = [1, 4] }"))
    assert sweep("run", new) == 0
    Path("refined.toml").write_text(REFINED + SECTION)
    capsys.readouterr()
    assert sweep("run", "refined.toml", "--reuse", "results/old", "--reuse", "results/new") == 0
    *copied, counts = capsys.readouterr().err.splitlines()
    numbers = [int(line.split()[2]) for line in copied]
    assert sum(numbers) == len(rows("refined")) > 12, "more than the coarsest level has"
    assert "; computed 0 in " in counts


def test_failed_cells_are_computed_in_their_turn(
    new: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = text_of(AXES, behaviour="ill", bad=2)
    Path("ill.toml").write_text(failing)
    new.write_text(failing)
    monkeypatch.setenv("SWEEP_TEST_LOG", str(Path("log").absolute()))
    assert sweep("run", "ill.toml", "--jobs", 1) == 1
    Path("log.medicine").touch()
    assert sweep("run", new, "--reuse", "results/ill", "--jobs", 1) == 0
    said = capsys.readouterr().err
    assert "--reuse: 8 cells copied from results/ill" in said
    assert "new: 12 cells, 12 reached; computed 4 in" in said
    assert sweep("run", "ill.toml", "--retry-failed", "--reuse", "results/new") == 0
    said = capsys.readouterr().err
    assert "ill: 12 cells, 12 reached; computed 0 in" in said


def test_another_version_of_the_model_has_other_cells(
    new: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FaultyModel, "version", 2)
    assert sweep("run", new, "--reuse", "results/old") == 0
    said = capsys.readouterr().err
    assert "--reuse: 0 cells copied from results/old" in said
    assert "computed 18 in" in said


def test_damage_is_said_and_its_cells_are_computed(new: Path, capsys: Said) -> None:
    (whole,) = Path("results/old").iterdir()
    folder, made = Folder(Path("results"), "old"), parquet.metadata_of(whole)
    table = parquet.load(whole)
    folder.prepare()
    part, _ = (folder.write(half, made) for half in (table.slice(0, 6), table.slice(6)))
    whole.unlink()
    part.write_bytes(part.read_bytes()[:-9] + b"otherwise")
    capsys.readouterr()
    assert sweep("run", new, "--reuse", "results/old") == 0
    said = capsys.readouterr().err
    assert f"{part.name}: damaged (its checksum is another); left out" in said
    assert "--reuse: 6 cells copied from" in said
    assert "computed 12 in" in said


def test_where_all_is_damaged_all_is_computed(new: Path, capsys: Said) -> None:
    (part,) = Path("results/old").iterdir()
    part.write_bytes(part.read_bytes()[:-9] + b"otherwise")
    capsys.readouterr()
    assert sweep("run", new, "--reuse", "results/old") == 0
    said = capsys.readouterr().err
    assert f"{part.name}: damaged (its checksum is another); left out" in said
    assert "--reuse: 0 cells copied from results/old" in said
    assert "computed 18 in" in said
    assert sweep("diff", "results/old", "results/new") == 2
    assert "results/old: holds no file that is not damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("new.toml", "--reuse: new.toml: is a file; name the folder of a grid's results, as "),
        ("results", "--reuse: results: holds no results of a grid; name one of those in it, like "),
        ("none", "--reuse: none: there is no such folder"),
        ("results/new", "--reuse: results/new: is where the grid's own results are"),
        ("theirs", "--reuse: "),
    ],
)
def test_a_folder_that_is_none_is_refused(new: Path, folder: str, said: str, capsys: Said) -> None:
    Path("theirs").mkdir()
    pd.DataFrame({"a": [1]}).to_parquet("theirs/table.parquet")
    capsys.readouterr()
    assert sweep("run", new, "--reuse", folder) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"sweep: {said}")
    assert err.count("\n") == 1
    assert not Path("results/new").exists()
