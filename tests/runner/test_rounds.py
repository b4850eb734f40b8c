"""Runs of refined grids, beside runs of the same grids in full."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from sweep.analysis.boundary import boundary
from sweep.grid import Grid, Shard
from sweep.grid.read import parse_grid
from sweep.grid.refinement import panel
from sweep.runner.session import Report, Settings, run
from sweep.store.folder import Folder
from sweep.store.known import frame
from sweep.store.metadata import describe
from sweep.store.refined import known_so_far, with_wanted

REFINED = """
model = "fo-anil"
[fixed]
K = 3
M = 3
[axes]
eta_w = { lin = [0.5, 4.5], n = 9 }
eta_J = { log = [0.0625, 4.0], n = 9 }
"""
FULL = REFINED.replace("n = 9", "n = 33")
SECTION = "[refine]\nlevels = 2\n"
SHARP = '[refine]\nlevels = 1\naxes = ["eta_w"]\ntolerance = 1e-4\n'


def grid(text: str, name: str = "some") -> Grid:
    return parse_grid(Path(f"{name}.toml"), text)


def ran(made: Grid, results: Path, said: list[str] | None = None, **settings: object) -> Report:
    chosen = Settings(results, "threading", 2, **settings)  # type: ignore[arg-type]
    return run(made, chosen, Console(quiet=True), (said if said is not None else []).append)


def silent(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("full")
    ran(grid(FULL), results)
    return results


@pytest.mark.parametrize("longest_row", [0, 300])
@pytest.mark.parametrize(
    "section", ["", 'by = "learned_units"', 'by = "error_final"\nlevel = 0.02', "probes = 30"]
)
def test_every_cell_is_that_of_the_full_grid_and_the_others_are_as_inferred(
    section: str, longest_row: int, full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "LONGEST_ROW", longest_row)
    made = grid(REFINED + SECTION + section)
    report = ran(made, tmp_path)
    assert report.complete
    assert report.counts["missing"] == 0
    folder = Folder(tmp_path, made.name)
    rows = frame(with_wanted(made, folder, silent), folder, silent)
    whole = frame(grid(FULL), Folder(full, made.name), silent)
    beside = whole.set_index("cell_id").loc[rows["cell_id"]]
    assert len(rows) < len(whole) or longest_row
    for name in ("status", "error_final", "time_to_target", "learned_units"):
        assert beside[name].reset_index(drop=True).equals(rows[name]), name
    if not section:
        refined = known_so_far(made, folder, silent)
        assert refined is not None
        inferred = refined.panels[0].search.inferred().reshape(-1)
        words = np.array(["reached", "not_reached", "diverged"])[inferred]
        assert (words == whole["status"].to_numpy()).all()


@pytest.mark.parametrize(
    "section", ['by = "error_final"\nlevel = 0.02', 'by = "learned_units"', "probes = 20"]
)
def test_crossings_are_bracketed_by_cells_that_no_other_asks_for(
    section: str, tmp_path: Path
) -> None:
    section = SECTION.replace("2", "1") + section
    made, plain = grid(f"{REFINED}{section}\ntolerance = 1e-3"), grid(REFINED + section)
    report = ran(made, tmp_path)
    assert report.complete
    assert report.counts["missing"] == 0
    rows = Folder(tmp_path, made.name).read(["eta_w", "eta_J", "status"], silent)
    assert rows is not None
    assert len(rows) == report.computed
    of_axes = grid(FULL.replace("33", "17")).swept
    off = [~np.isin(rows[name].to_numpy(), of_axes[name]) for name in ("eta_w", "eta_J")]
    assert not (off[0] & off[1]).any()
    assert ran(plain, tmp_path).computed == 0
    assert len(rows) - np.count_nonzero(off[0] | off[1]) == len(
        with_wanted(plain, Folder(tmp_path, plain.name), silent).cells()
    )


STEPS = """
from sweep.models import Process, real

def run(p):
    for t in range(100):
        yield t, 1 / (1 + t * (p.a + p.b))

MODEL = Process("steps", parameters=(real("a", 1.0), real("b", 1.0)), run=run, time="steps")
"""


def test_a_cell_that_is_asked_for_twice_is_counted_once(tmp_path: Path) -> None:
    """Where times are whole numbers, one of them is the window's end, and there is the crossing."""
    (tmp_path / "steps.py").write_text(STEPS)
    axes = "[axes]\na = { lin = [0, 1], n = 3 }\nb = { lin = [0, 1], n = 3 }\n"
    fixed = "[fixed]\ntarget_error = 0.05\nsteps_max = 20\n"
    sharp = '[refine]\nlevels = 2\naxes = ["a", "b"]\ntolerance = 1e-3\n'
    text = f'model = "{tmp_path / "steps.py"}"\n{fixed}{axes}{sharp}'
    report = ran(grid(text), tmp_path)
    assert report.counts["missing"] == 0
    assert sum(report.counts.values()) == report.computed


def test_the_full_grid_takes_over_what_was_refined_and_the_other_way_round(
    full: Path, tmp_path: Path
) -> None:
    assert ran(grid(REFINED + SECTION), full).computed == 0
    report = ran(grid(REFINED + SECTION), tmp_path)
    assert ran(grid(FULL), tmp_path).computed == 33 * 33 - report.computed


@pytest.mark.parametrize("section", [SECTION, SHARP])
def test_shards_compute_together_what_one_run_computes(section: str, tmp_path: Path) -> None:
    made = grid(REFINED + section)
    alone = ran(made, tmp_path / "alone").computed
    said: list[str] = []
    computed = 0
    for _ in range(20):
        reports = [
            ran(made, tmp_path / "shards", said, shard=Shard(number, 2)) for number in (1, 2)
        ]
        computed += sum(report.computed for report in reports)
        if reports[-1].complete:
            break
    assert reports[-1].complete
    assert computed == alone
    assert any("waits for cells" in line for line in said)


@pytest.mark.parametrize("section", [SECTION, SHARP])
def test_a_run_goes_on_where_it_was_whatever_was_lost(section: str, tmp_path: Path) -> None:
    made = grid(REFINED + section)
    whole = ran(made, tmp_path).computed
    folder = Folder(tmp_path, made.name)
    rows = folder.read(None, silent)
    assert rows is not None
    lost = np.random.default_rng(2).random(len(rows)) < 0.3
    for part in folder.parts():
        part.unlink()
    folder.write(rows.filter(~lost), describe(made.model.name, made.text))
    report = ran(made, tmp_path)
    assert report.complete
    assert report.computed == np.count_nonzero(lost)
    assert sum(report.counts.values()) == whole


def test_cells_that_are_excluded_are_not_computed(tmp_path: Path) -> None:
    made = grid(
        REFINED.replace("K = 3\n", "").replace("[axes]", "[axes]\nK = [2, 3]")
        + '[grid]\nexclude = ["K == 2 and eta_w < 1.6", "eta_J * eta_w > 10"]\n'
        + SECTION
        + "probes = 20\n"
    )
    report = ran(made, tmp_path)
    assert report.complete
    folder = Folder(tmp_path, made.name)
    rows = frame(with_wanted(made, folder, silent), folder, silent)
    assert not ((rows["K"] == 2) & (rows["eta_w"] < 1.6)).any()
    assert rows["eta_w"].mul(rows["eta_J"]).max() <= 10
    assert set(rows["K"]) == {2, 3}


def test_three_outcomes_meet(tmp_path: Path) -> None:
    """Linear units, whose state grows without bound where the steps are too large."""
    refined = (
        'model = "fo-anil"\n[fixed]\nK = 2\nM = 2\nV = 10\nR0 = 0.1\nalpha_max = 20\n'
        'activation = "linear"\n[axes]\neta_w = { lin = [0.25, 2.25], n = 5 }\n'
        "eta_J = { log = [0.0625, 4.0], n = 5 }\n"
    )
    made, whole = grid(refined + SECTION), grid(refined.replace("n = 5", "n = 17"))
    assert ran(made, tmp_path / "refined").complete
    ran(whole, tmp_path / "whole")
    folder, beside = Folder(tmp_path / "refined", made.name), Folder(tmp_path / "whole", "some")
    rows = frame(with_wanted(made, folder, silent), folder, silent)
    expected = frame(whole, beside, silent)
    same = expected.set_index("cell_id").loc[rows["cell_id"]].reset_index()
    assert same["status"].equals(rows["status"])
    refined_so = known_so_far(made, folder, silent)
    assert refined_so is not None
    inferred = refined_so.panels[0].search.inferred().reshape(-1)
    words = np.array(["reached", "not_reached", "diverged"])[inferred]
    assert (words == expected["status"].to_numpy()).all()
    points = boundary(made, folder, silent).points
    assert set(points["between"]) == {
        "reached | not_reached",
        "reached | diverged",
        "not_reached | diverged",
    }
    assert "eta_w, eta_J" in set(points["along"])


def test_seeds_decide_together(tmp_path: Path) -> None:
    made = grid(REFINED.replace("[axes]", "[axes]\nseed = [0, 1, 2]") + SECTION)
    assert ran(made, tmp_path).complete
    folder = Folder(tmp_path, made.name)
    rows = frame(with_wanted(made, folder, silent), folder, silent)
    assert (rows.groupby(["eta_w", "eta_J"]).size() == 3).all()
    half = grid(made.text + 'by = "fraction"\nlevel = 0.5\n')
    assert ran(half, tmp_path).computed == 0
