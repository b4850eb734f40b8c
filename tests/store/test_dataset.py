"""Saved rows over the axes of their grid, and as a netCDF file."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.base import Answers, Trajectory
from sweep.models.parameters import Parameter, Value
from sweep.runner.run import run
from sweep.store.dataset import dataset
from sweep.store.export import write_dataset
from sweep.store.load import load
from tests.faults.model import FaultyModel

xr = pytest.importorskip("xarray")


class Wordy(FaultyModel):
    """Has parameters of every kind, and lists whose length differs from cell to cell."""

    name = "wordy"
    parameters = (
        *FaultyModel.parameters,
        Parameter("V", "real", math.inf, "samples", "V", low=1, whole=True, infinite=True),
        Parameter("start", "matrix", 0.5, "where it starts", choices=("low",)),
    )

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        answers = super().solve(trajectory, solver)
        answers.lists["Q"] = answers.lists["Q"][:, : int(trajectory.shared["y"])]  # type: ignore[arg-type]
        return answers


def grid(**told: Any) -> Grid:
    given = {"axes": {"x": [0.5, 1.0, 2.5], "y": [1, 2, 3]}, "name": "mine"} | told
    return Grid(Wordy(), **given)


def computed(of: Grid, results: Path, **how: Any) -> xr.Dataset:
    run(of, results, jobs=1, **how)
    return dataset(of, results)


def test_every_cell_is_at_its_place(tmp_path: Path) -> None:
    of = grid(axes={"x": [0.5, 1.0], "target_error": [0.1, 1e-4], "y": [3, 1, 2]})
    data = computed(of, tmp_path)
    assert dict(data.sizes) == {"x": 2, "target_error": 2, "y": 3, "Q_entry": 3}
    rows = load(of, tmp_path)
    assert len(rows) == 12
    for row in rows.to_dict("records"):
        cell = data.sel({name: row[name] for name in of.axes})
        for name in ("status", "error_final", "rhs_evaluations", "units", "wall_s", "cell_id"):
            assert cell[name].item() == row[name], name
        np.testing.assert_equal(cell["time_to_target"].item(), row["time_to_target"])
        Q = np.full(3, np.nan)
        Q[: len(row["Q"])] = row["Q"]
        np.testing.assert_array_equal(cell["Q"], Q)
    assert data["units"].dtype == data["rhs_evaluations"].dtype == np.int64
    assert data["message"].values.tolist() == np.full((2, 2, 3), "").tolist()


def test_axes_that_advance_together_share_a_dimension(tmp_path: Path) -> None:
    of = grid(axes={"seconds": [0.0], "y": [1, 2, 3], "x": [0.5, 1.0, 2.5]}, zip=[["y", "x"]])
    data = computed(of, tmp_path)
    assert data["status"].dims == ("seconds", "y")
    assert data["x"].dims == ("y",)
    assert data["x"].values.tolist() == [0.5, 1.0, 2.5]
    rows = load(of, tmp_path)
    assert data["time_to_target"].values.ravel().tolist() == rows["time_to_target"].tolist()


def test_what_is_left_out_and_what_is_missing_is_told_apart(tmp_path: Path) -> None:
    of = grid(exclude=["x == 1 and y > 1"])
    run(grid(axes={"x": [0.5], "y": [1, 2]}), tmp_path)
    data = dataset(of, tmp_path)
    assert data["status"].values.tolist() == [
        ["reached", "reached", "missing"],
        ["missing", "", ""],
        ["missing", "missing", "missing"],
    ]
    known = data["status"] == "reached"
    for name in ("time_to_target", "units", "rhs_evaluations", "wall_s"):
        assert data[name].dtype == np.float64
        assert np.array_equal(np.isnan(data[name]), ~known), name
    assert data["Q"].shape == (3, 3, 2)
    assert data["cell_id"].values[1, 1:].tolist() == ["", ""]
    assert len(data["cell_id"].values[2, 2]) == 32


def test_a_cell_that_failed_has_its_message_and_no_numbers(tmp_path: Path) -> None:
    of = grid(fixed={"behaviour": "raise", "bad": 2})
    data = computed(of, tmp_path)
    assert set(data["status"].sel(y=2).values.tolist()) == {"failed"}
    assert data["message"].sel(x=0.5, y=2).item() == "RuntimeError: y = 2 is not to my liking"
    assert np.isnan(data["rhs_evaluations"].sel(y=2)).all()


def test_axes_of_words_matrices_and_infinity_are_coordinates(tmp_path: Path) -> None:
    matrix = [[1.0, 0.5], [0.5, 1.0]]
    axes = {
        "behaviour": ["well", "slow"],
        "V": [1, math.inf],
        "start": [0.5, "low", matrix],
        "bad": [2**53, 7],
    }
    data = computed(grid(axes=axes), tmp_path)
    assert data["behaviour"].values.tolist() == ["well", "slow"]
    assert data["V"].values.tolist() == [1.0, math.inf]
    assert [*data["start"].values[:2].tolist(), json.loads(data["start"].values[2])] == [
        "0.5",
        "low",
        matrix,
    ]
    assert data["bad"].dtype == np.int64
    assert data["status"].sel(V=math.inf, bad=2**53, start="low", behaviour="well") == "reached"


def test_a_grid_without_an_axis_is_a_point(tmp_path: Path) -> None:
    data = computed(grid(axes={}, fixed={"y": 3}), tmp_path)
    assert dict(data.sizes) == {"Q_entry": 3}
    assert data["status"].item() == "reached"


def test_what_is_meant_stands_beside_it(tmp_path: Path) -> None:
    of = grid(axes={"alpha_max": [1.0, 2.0], "V": [2]}, title="A title")
    data = computed(of, tmp_path)
    assert data["V"].attrs == {"long_name": "samples", "symbol": "V", "units": "1"}
    assert data["alpha_max"].attrs["units"] == "alpha"
    assert data["wall_s"].attrs["units"] == "s"
    assert data["time_to_target"].attrs == {
        "long_name": "time at which the target error is reached",
        "symbol": "t",
        "units": "alpha",
    }
    for variable in data.variables.values():
        assert variable.attrs["long_name"]
        assert variable.attrs["symbol"]
        assert ("units" in variable.attrs) == (variable.dtype.kind in "if")
    assert data.attrs["grid"] == of.text
    assert (data.attrs["title"], data.attrs["model"]) == ("A title", "wordy")
    assert json.loads(data.attrs["fixed"])["behaviour"] == "well"
    assert data.attrs["numpy_version"] == np.__version__


def test_some_columns_are_had_by_their_names(tmp_path: Path) -> None:
    run(grid(), tmp_path)
    assert set(dataset(grid(), tmp_path, ["Q"]).data_vars) == {"Q", "status"}
    assert "Q" not in load(grid(), tmp_path, ["units"])
    for read in (dataset, load):
        with pytest.raises(UsageError, match="columns: unit: no such column; did you mean units"):
            read(grid(), tmp_path, ["unit"])


def test_rows_are_those_of_the_grid_alone(tmp_path: Path) -> None:
    run(grid(), tmp_path)
    few = grid(axes={"x": [2.5, 99.0], "y": [2, 1]})
    rows = load(few, tmp_path)
    assert rows[["x", "y"]].to_numpy().tolist() == [[2.5, 2], [2.5, 1]]
    assert isinstance(rows, pd.DataFrame)
    assert rows.index.tolist() == [0, 1]


@pytest.mark.parametrize("read", [load, dataset])
def test_no_results_are_said_in_a_line(read: Any, tmp_path: Path) -> None:
    cure = r"mine: no results yet.*; `sweep\.run\(grid, results='.*'\)` makes them, or give .* as r"
    with pytest.raises(UsageError, match=cure):
        read(grid(), tmp_path)
    run(grid(), tmp_path)
    with pytest.raises(
        UsageError, match=r"mine: no results yet of the grid's cells, only rows of o"
    ):
        read(grid(axes={"x": [77.0]}), tmp_path)


def test_without_xarray_a_line_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = computed(grid(), tmp_path)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "h5netcdf", None)
        with pytest.raises(UsageError, match=r"pip install xarray h5netcdf"):
            write_dataset(data, tmp_path / "x.nc")
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(UsageError, match=r"pip install xarray h5netcdf"):
        dataset(grid(), tmp_path)


def test_a_file_has_all_of_it(tmp_path: Path) -> None:
    axes = {"V": [1, math.inf], "start": ["low", [[1.0]]], "bad": [2**53, 7], "y": [1, 2]}
    of = grid(axes=axes, exclude=["y == 2 and bad == 7"], title="ε → 0\n“so”")
    data = computed(of, tmp_path)
    write_dataset(data, tmp_path / "deep" / "x.nc")
    back = xr.load_dataset(tmp_path / "deep" / "x.nc")
    assert back.identical(data)
    assert back["bad"].dtype == np.int64
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["x.nc"]
    with pytest.raises(UsageError, match="cannot be written"):
        write_dataset(data, tmp_path / "deep" / "x.nc" / "y.nc")
