"""Rows that sweep cannot have written, and what is named like a file of results and is none."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sweep.errors import UsageError
from sweep.store.folder import Folder
from sweep.store.known import frame, known
from sweep.store.schema import schema
from tests.faults.laboratory import Laboratory, grid_of, text_of

pytestmark = pytest.mark.slow

TEXT = text_of("x = { lin = [0, 1], n = 10 }\ny = [1, 2]\ntarget_error = [0.1, 0.01]")
NAMES = (f"cells-{'0' * 32}.parquet", "copy.parquet")
"""Of an earlier version of sweep, and of a user."""


@pytest.fixture(params=NAMES)
def part(laboratory: Laboratory, request: pytest.FixtureRequest) -> Path:
    """The only file of results, without a checksum."""
    laboratory.write(TEXT)
    laboratory.run_here()
    (made,) = laboratory.rows_folder.iterdir()
    (laboratory.folder / "log").unlink()
    return made.rename(made.with_name(request.param))


def with_column(table: pa.Table, name: str, values: pa.Array | list[object]) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def with_value(table: pa.Table, name: str, value: object) -> pa.Table:
    """The table with a value of its own in the fourth row."""
    values = table[name].to_pylist()
    return with_column(table, name, pa.array([*values[:3], value, *values[4:]], table[name].type))


ODD = {
    "unknown status": (
        lambda table: with_value(table, "status", "stalled"),
        "1 rows with the status stalled",
    ),
    "null status": (lambda table: with_value(table, "status", None), "1 rows with the status None"),
    "null cell_id": (lambda table: with_value(table, "cell_id", None), "1 rows without a cell_id"),
    "integer cell_id": (
        lambda table: with_column(table, "cell_id", pa.array(range(len(table)))),
        "column cell_id holds int64 instead of string",
    ),
    "reached at no time": (
        lambda table: with_value(table, "time_to_target", None),
        "1 rows that reached the target at no time",
    ),
    "times as texts": (
        lambda table: with_column(table, "time_to_target", table["time_to_target"].cast("string")),
        "column time_to_target holds string instead of double",
    ),
    "times as integers": (
        lambda table: with_column(table, "time_to_target", pa.array(range(len(table)))),
        "column time_to_target holds int64 instead of double",
    ),
    "texts for numbers": (
        lambda table: with_column(table, "units", pa.array(["?"] * len(table))),
        "column units holds string instead of int64",
    ),
    "numbers for lists": (
        lambda table: with_column(table, "Q", pa.array([1.0] * len(table))),
        "column Q holds double instead of list<",
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_rows_that_cannot_be_sweep_s_are_set_aside_and_computed_again(
    laboratory: Laboratory, part: Path, odd: str
) -> None:
    change, why = ODD[odd]
    table = change(pq.read_table(part))
    pq.write_table(table, part)
    said: list[str] = []
    folder = Folder(laboratory.results, "grid")
    assert folder.read(None, said.append, schema(grid_of(TEXT).model)) is None
    assert said[0].startswith(f"{part}: damaged ({why}")
    known(folder, said.append)
    (line,) = laboratory.expect_whole()
    assert line.startswith(f"{part}: damaged ({why}")
    (aside,) = (laboratory.aside / "damaged").iterdir()
    assert pq.read_table(aside) == table
    assert len(laboratory.computed()) == 20


def encoded(table: pa.Table) -> pa.Table:
    for name in ("cell_id", "status", "behaviour"):
        table = with_column(table, name, table[name].combine_chunks().dictionary_encode())
    return table


def large(table: pa.Table) -> pa.Table:
    fields = {"cell_id": pa.large_string(), "Q": pa.large_list(pa.float64())}
    types = [field.with_type(fields.get(field.name, field.type)) for field in table.schema]
    return table.cast(pa.schema(types, metadata=table.schema.metadata))


def untyped(table: pa.Table) -> pa.Table:
    """As pandas writes a column of which it knows no value."""
    return with_column(table, "message", pa.nulls(len(table)))


def as_numbers(table: pa.Table) -> pa.Table:
    """As pandas writes integers some of which are null."""
    return with_column(table, "rhs_evaluations", table["rhs_evaluations"].cast(pa.float64()))


@pytest.mark.parametrize("change", [encoded, large, untyped, as_numbers])
def test_rows_as_other_programs_write_them_are_kept(
    laboratory: Laboratory, part: Path, change: Callable[[pa.Table], pa.Table]
) -> None:
    pq.write_table(change(pq.read_table(part)), part)
    folder = Folder(laboratory.results, "grid")
    assert len(known(folder, pytest.fail).ids) == 40
    assert frame(grid_of(TEXT), folder, pytest.fail)["status"].notna().all()
    assert not laboratory.expect_whole()
    assert not laboratory.computed()
    (merged,) = laboratory.rows_folder.iterdir()
    assert not any(pa.types.is_dictionary(field.type) for field in pq.read_schema(merged))


def test_a_cell_that_is_twice_in_a_file_has_one_row_after_the_next_run(
    laboratory: Laboratory, part: Path
) -> None:
    table = pq.read_table(part)
    failed = with_column(table, "status", pa.array(["failed"] * len(table)))
    pq.write_table(pa.concat_tables([failed, table, table.slice(7, 5)]), part)
    assert len(known(Folder(laboratory.results, "grid"), pytest.fail).ids) == 40
    assert not laboratory.expect_whole()
    assert not laboratory.computed()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listener(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made, pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)  # since a socket's path is a short one
        made.bind(path.name)


KINDS = {pipe: "a named pipe", folder: "a folder", device: "a device", listener: "a socket"}


@pytest.mark.parametrize("name", ["theirs.parquet", NAMES[0], f"cells-{'0' * 32}-01234567.parquet"])
@pytest.mark.parametrize("make", KINDS)
def test_what_is_no_file_is_refused_and_not_waited_for(
    laboratory: Laboratory, make: Callable[[Path], None], name: str
) -> None:
    laboratory.write(TEXT)
    laboratory.run_here()
    stranger = laboratory.rows_folder / name
    make(stranger)
    refusal = rf"{name}: is not a file of results \(it is {KINDS[make]}\); move it out"
    for read in (laboratory.run_here, lambda: known(Folder(laboratory.results, "grid"), print)):
        with pytest.raises(UsageError, match=refusal) as refused:
            read()
        assert "\n" not in str(refused.value)
    stranger.rename(laboratory.folder / "moved")
    assert not laboratory.expect_whole()


@pytest.mark.parametrize("command", ["run", "status", "plan", "plot", "best", "export"])
def test_no_command_waits_for_a_pipe(laboratory: Laboratory, command: str) -> None:
    laboratory.rows_folder.mkdir(parents=True)
    os.mkfifo(laboratory.rows_folder / NAMES[0])
    said = laboratory.run(
        command, "grid.toml", *(["out.csv"] if command == "export" else []), code=2
    )
    assert f"{NAMES[0]}: is not a file of results (it is a named pipe)" in said
    assert said.count("\n") == 1
