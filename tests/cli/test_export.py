"""`sweep export`: one file, or csv on stdout."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sweep.grid import read_grid
from sweep.store.dataset import dataset
from sweep.store.load import load
from tests.cli.shell import GRID, compute, sweep


def test_a_dash_is_csv_on_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid, results = compute(tmp_path)
    assert sweep("export", grid, tmp_path / "rows.csv", "--results", results) == 0
    capsys.readouterr()
    assert sweep("export", grid, "-", "--results", results) == 0
    out, err = capsys.readouterr()
    assert out == (tmp_path / "rows.csv").read_text(encoding="utf-8")
    assert err == ""
    rows = load(read_grid(grid), results)
    assert pd.read_csv(io.StringIO(out))["cell_id"].tolist() == rows["cell_id"].tolist()


def test_a_netcdf_file_has_the_axes_as_dimensions(tmp_path: Path) -> None:
    grid, results = compute(tmp_path, GRID.replace("alpha_max = 30", "alpha_max = 30\nV = inf"))
    assert sweep("export", grid, tmp_path / "rows.nc", "--results", results) == 0
    back = xr.load_dataset(tmp_path / "rows.nc")
    assert back.identical(dataset(read_grid(grid), results))
    assert dict(back.sizes) | {"Q_entry": 4} == {
        **{"eta_w": 2, "eta_J": 3, "target_error": 2, "seed": 2},
        **{"Q_entry": 4, "R_entry": 4, "alignment_entry": 2},
    }
    assert back["rhs_evaluations"].dtype == back["seed"].dtype == np.int64
    assert back.attrs["grid"] == grid.read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["-", "rows.csv", "rows.parquet", "rows.nc"])
def test_no_results_are_no_file(
    tmp_path: Path,
    target: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some.toml").write_text(GRID, encoding="utf-8")
    assert sweep("export", "some.toml", target) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "no results yet" in err
    assert [path.name for path in tmp_path.iterdir()] == ["some.toml"]
