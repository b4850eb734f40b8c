"""The saved rows of a grid as an array for each column, over the axes of the grid."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sweep.errors import LOG, UsageError, Warn
from sweep.grid import Grid
from sweep.grid.expansion import product_factors
from sweep.models.base import Model
from sweep.models.parameters import Parameter, Value, canonical
from sweep.ode.arrays import Floats, Index
from sweep.store.folder import Folder
from sweep.store.load import frame_of
from sweep.store.parquet import DamagedFile, metadata_of
from sweep.store.schema import parameter_type, schema

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MISSING = "missing"
"""The status of a cell that is not computed; that of a place without a cell is empty."""

NEEDS_XARRAY = "this needs xarray and h5netcdf; install them with pip install 'meta-sweep[xarray]'"

MEANINGS = {
    "cell_id": "identity of the cell",
    "status": "how the cell ended; missing: not computed; empty: no cell of the grid",
    "time_to_target": "time at which the target error is reached",
    "error_initial": "error at the start",
    "error_final": "error where the trajectory ended",
    "time_final": "time at which the trajectory ended",
    "rhs_evaluations": "evaluations of the right-hand side by the trajectory",
    "wall_s": "what the trajectory took",
    "message": "why the cell failed or diverged; sometimes a remark",
}
TIMES = ("time_to_target", "time_final")
ERRORS = ("error_initial", "error_final")
MADE_BY = ("sweep_version", "numpy_version", "scipy_version", "numba_version", "pyarrow_version")


def dataset(
    grid: Grid, results: str | Path = "results", columns: Sequence[str] | None = None
) -> xr.Dataset:
    """The saved cells of a grid as an `xarray.Dataset`, an array for each column of the results.

    Its dimensions are the axes of the grid, in their order, with their values as coordinates.
    Axes that advance together share a dimension, which has the name of the first of them. A column
    of lists, such as Q, has one more dimension, as Q_entry; a list that is shorter than the longest
    is filled up with NaN.

    Where a cell is not computed, or left out by `exclude`, numbers are NaN and `status` is
    "missing" or "". Columns of integers are of integers if no value is missing. The attributes of
    axes and columns say their meaning (`long_name`), their `symbol` (LaTeX or words) and their
    `units` ("1" for pure numbers); those of the dataset the grid's text, the model, the fixed
    parameters as JSON text, and with which versions the rows were computed.

    results: the folder that `run` was given. columns: those wanted beside `status`. It needs the
    extra `xarray`, and raises UsageError without; also where no cell is finished.

    >>> data = dataset(grid, results)
    >>> dict(data.sizes)
    {'K': 2, 'eta_w': 2, 'Q_entry': 9, 'R_entry': 9, 'alignment_entry': 3}
    >>> float(data.time_to_target.sel(K=3, eta_w=3.0).round(3))
    29.864
    >>> data.eta_w.attrs["long_name"]
    'inner learning rate'
    """
    return arrays(grid, Folder(Path(results), grid.name), LOG.warning, columns)


def arrays(
    grid: Grid, folder: Folder, warn: Warn, columns: Sequence[str] | None = None
) -> xr.Dataset:
    """The dataset of a grid. Raises UsageError."""
    try:
        import xarray as xr  # optional, and slow to import
    except ImportError as error:
        raise UsageError(NEEDS_XARRAY) from error
    rows = frame_of(grid, folder, warn, columns)
    model, cells = grid.model, grid.cells()
    factors = product_factors(grid.swept, grid.zipped)
    shape = tuple(len(grid.swept[factor[0]]) for factor in factors)
    codes = [cells.codes[factor[0]] for factor in factors]
    lattice = Lattice(
        tuple(factor[0] for factor in factors),
        shape,
        np.ravel_multi_index(codes, shape) if factors else np.zeros(1, dtype=np.int64),
    )
    parameters = {parameter.name: parameter for parameter in model.parameters}
    along = {name: factor[0] for factor in factors for name in factor}
    coordinates = {
        name: (dim, _values(parameters[name], grid.swept[name]), _about(model, parameters[name]))
        for name, dim in along.items()
    }
    variables = {
        field.name: (*lattice.laid_out(field, rows[field.name]), _told(model, field))
        for field in schema(model)
        if field.name in rows and field.name not in parameters
    }
    return xr.Dataset(variables, coordinates, _of_all(grid, folder))


@dataclass(frozen=True)
class Lattice:
    """The places that the axes span: their dimensions, how many there are, and that of each row."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    place: Index

    def laid_out(self, field: pa.Field, column: pd.Series[Any]) -> tuple[tuple[str, ...], Any]:
        """The dimensions of a column of the results, and its values over them."""
        if pa.types.is_list(field.type):
            values = self._lists(column)
            return (*self.dims, f"{field.name}_entry"), values.reshape(*self.shape, -1)
        if pa.types.is_string(field.type):
            empty = MISSING if field.name == "status" else ""
            found = self._scattered(column.fillna(empty).to_numpy(dtype=object), "")
        else:
            found = self._scattered(column.to_numpy(dtype=np.float64, na_value=np.nan), np.nan)
            if pa.types.is_integer(field.type) and not np.isnan(found).any():
                found = found.astype(np.int64)
        return self.dims, found.reshape(self.shape)

    def _scattered(self, values: NDArray[Any], empty: object) -> NDArray[Any]:
        found = np.full(math.prod(self.shape), empty, dtype=values.dtype)
        found[self.place] = values
        return found

    def _lists(self, column: pd.Series[Any]) -> Floats:
        """The lists below one another, each filled up with NaN."""
        lists = [entry if isinstance(entry, np.ndarray) else np.empty(0) for entry in column]
        lengths = np.array([len(entry) for entry in lists])
        longest = int(lengths.max(initial=0))
        filled = np.full((len(lists), longest), np.nan)
        filled[np.arange(longest) < lengths[:, None]] = np.concatenate(lists)
        found = np.full((math.prod(self.shape), longest), np.nan)
        found[self.place] = filled
        return found


def _values(parameter: Parameter, values: Sequence[Value]) -> NDArray[Any]:
    """The values of an axis; matrices as JSON text, as in the results."""
    kind = parameter_type(parameter)
    if kind == pa.string():
        texts = [value if isinstance(value, str) else canonical(value) for value in values]
        return np.array(texts, dtype=object)
    return np.asarray(pa.array(values, kind).to_numpy(zero_copy_only=False))


def _about(model: Model, parameter: Parameter) -> dict[str, str]:
    """The attributes of an axis."""
    said = {"long_name": parameter.meaning, "symbol": parameter.symbol or parameter.name}
    if parameter_type(parameter) == pa.string():
        return said
    return said | {"units": model.time_name if parameter.name == model.window else "1"}


def _told(model: Model, field: pa.Field) -> dict[str, str]:
    """The attributes of a column."""
    name = field.name
    own = model.columns.get(name)
    label = f"{name} at the end" if own is None else own.label.format("n")
    said = {"long_name": MEANINGS.get(name, label)}
    series = model.series.get("error" if name in ERRORS else name)
    if name in TIMES:
        said["symbol"] = model.time_symbol
    elif series is not None:
        said["symbol"] = series.symbol or name
    if not pa.types.is_string(field.type):
        said["units"] = "s" if name == "wall_s" else model.time_name if name in TIMES else "1"
    return said


def _of_all(grid: Grid, folder: Folder) -> dict[str, str]:
    """The attributes of the dataset."""
    fixed = {name: json.loads(canonical(value)) for name, value in grid.fixed.items()}
    return {
        "title": grid.title,
        "model": grid.model.name,
        "fixed": json.dumps(fixed, ensure_ascii=False),
        "grid": grid.text,
        **_made_by(folder),
    }


def _made_by(folder: Folder) -> dict[str, str]:
    """With which versions the rows were computed; several, where files differ in one."""
    found: dict[str, list[str]] = {}
    for part in folder.parts():
        with suppress(DamagedFile, FileNotFoundError):
            made = metadata_of(part)
            for name in MADE_BY:
                found.setdefault(name, []).append(made.get(name, ""))
    return {name: ", ".join(dict.fromkeys(versions)) for name, versions in found.items()}
