"""The saved rows of a grid as an array for each column, over the axes of the grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sweep.errors import LOG, UsageError, Warn
from sweep.grid import Grid
from sweep.grid.expansion import product_factors
from sweep.models.parameters import Parameter, Value, canonical
from sweep.ode.arrays import Floats, Index
from sweep.store.attributes import about_axis, about_column, about_grid
from sweep.store.folder import Folder
from sweep.store.load import frame_of
from sweep.store.schema import parameter_type, schema

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MISSING = "missing"
"""The status of a cell that is not computed; that of a place without a cell is empty."""

NEEDS_XARRAY = "this needs xarray and h5netcdf; install them with pip install xarray h5netcdf"


def dataset(
    grid: Grid, results: str | Path = "results", columns: Sequence[str] | None = None
) -> xr.Dataset:
    """The saved cells of a grid as an `xarray.Dataset`, an array for each column of the results.

    Its dimensions are the axes of the grid, in their order, with their values as coordinates.
    Axes that advance together share a dimension, with the name of that which `zip` names first. A
    column of lists, such as Q, has one more dimension, as Q_entry; a list that is shorter than the
    longest is filled up with NaN.

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
        name: (along[name], _values(parameter, grid.swept[name]), about_axis(model, parameter))
        for name, parameter in parameters.items()
        if name in along
    }
    wanted = schema(model).names if columns is None else ["status", *columns]
    variables = {
        field.name: (*lattice.laid_out(field, rows[field.name]), about_column(model, field))
        for field in schema(model)
        if field.name in wanted and field.name not in parameters
    }
    return xr.Dataset(variables, coordinates, about_grid(grid, folder))


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
