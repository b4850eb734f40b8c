"""What stands beside the arrays of a dataset: meanings, symbols, units, and who made them."""

from __future__ import annotations

import json
from contextlib import suppress

import pyarrow as pa

from sweep.grid import Grid
from sweep.models.base import Model, Series
from sweep.models.parameters import Parameter, canonical
from sweep.store.folder import Folder
from sweep.store.parquet import DamagedFile, metadata_of
from sweep.store.schema import parameter_type

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


def about_axis(model: Model, parameter: Parameter) -> dict[str, str]:
    """The attributes of an axis."""
    said = {"long_name": parameter.meaning, "symbol": parameter.symbol or parameter.name}
    if parameter_type(parameter) == pa.string():
        return said
    return said | {"units": model.time_name if parameter.name == model.window else "1"}


def about_column(model: Model, field: pa.Field) -> dict[str, str]:
    """The attributes of a column."""
    name = field.name
    own = model.columns.get(name)
    label = f"{name} at the end" if own is None else own.label.format("n")
    series = model.series.get("error" if name in ERRORS else name, Series())
    symbol = model.time_symbol if name in TIMES else series.symbol or name
    said = {"long_name": MEANINGS.get(name, label), "symbol": symbol}
    if not pa.types.is_string(field.type):
        said["units"] = "s" if name == "wall_s" else model.time_name if name in TIMES else "1"
    return said


def about_grid(grid: Grid, folder: Folder) -> dict[str, str]:
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
