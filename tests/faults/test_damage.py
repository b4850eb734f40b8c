"""Damaged, missing, doubled files are set aside or put right; a user's are left alone."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sweep.errors import UsageError
from sweep.models.status import status_words
from sweep.store.folder import Folder
from sweep.store.known import frame, known
from tests.faults.laboratory import (
    AXES,
    Laboratory,
    contents,
    grid_of,
    powerless,
    reference,
    text_of,
)

pytestmark = pytest.mark.slow

PART = "part-20240101T000000000000-00000000.parquet"
"""A name that sweep gives to files, and the first of them in their order."""

MERGED = f"cells-{'0' * 32}.parquet"

HALF = "x = { lin = [0, 1], n = 20 }\ny = { int = [1, 2] }\ntarget_error = [0.1, 0.01]"


@pytest.fixture
def two_parts(laboratory: Laboratory) -> Laboratory:
    """With two files of rows: the cells with y ≤ 2, and the others."""
    laboratory.write(text_of(HALF))
    laboratory.run_here()
    (first,) = laboratory.rows_folder.iterdir()
    kept = laboratory.folder / "kept"
    first.rename(kept)
    laboratory.write(
        text_of("x = { lin = [0, 1], n = 20 }\ny = [3, 4, 5]\ntarget_error = [0.1, 0.01]")
    )
    laboratory.run_here()
    kept.rename(laboratory.rows_folder / PART)
    laboratory.write(text_of(AXES))
    laboratory.expect_results()
    (laboratory.folder / "log").unlink()
    return laboratory


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_a_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def flip_data(path: Path) -> None:
    flip(path, 300)  # among the identities, which every command reads


def flip_footer(path: Path) -> None:
    flip(path, path.stat().st_size - 9)


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize("damage", [empty, cut, cut_a_byte, flip_data, flip_footer, zeros])
def test_a_damaged_part_is_set_aside_and_computed_again(
    two_parts: Laboratory, damage: Callable[[Path], None]
) -> None:
    part = two_parts.rows_folder / PART
    damage(part)
    said: list[str] = []
    folder = Folder(two_parts.results, "grid")
    assert len(known(folder, said.append).ids) == 120
    assert len(said) == 1
    assert f"{PART}: damaged" in said[0]
    (line,) = two_parts.expect_whole()
    assert f"{PART}: damaged" in line
    assert "computed again" in line
    assert len(list((two_parts.aside / "damaged").iterdir())) == 1
    assert len(two_parts.computed()) == 40
    assert not two_parts.expect_whole()


READERS = ("status", "plan", "plot", "best", "export")


def words_of(command: str) -> list[str]:
    return [command, "grid.toml", *(["out.csv"] if command == "export" else [])]


def tree(folder: Path) -> dict[Path, bytes]:
    """All that a folder holds, its empty folders included."""
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def test_a_part_that_may_not_be_read_is_not_taken_for_damaged(two_parts: Laboratory) -> None:
    part = two_parts.rows_folder / PART
    part.chmod(0)
    for command in ("run", "status"):
        said = two_parts.run(command, "grid.toml", code=2, preexec_fn=powerless)
        assert said.count("\n") == 1
        assert f"{PART}: cannot be read" in said
        assert "Permission denied" in said
    part.chmod(0o644)
    assert not two_parts.expect_whole()


@pytest.mark.parametrize("closed", ["results/grid", "results/.sweep"])
@pytest.mark.parametrize("command", [*READERS, "run"])
def test_a_folder_that_may_not_be_read_is_said(
    two_parts: Laboratory, closed: str, command: str
) -> None:
    folder = two_parts.folder / closed
    folder.chmod(0)
    said = two_parts.run(*words_of(command), code=2, preexec_fn=powerless)
    folder.chmod(0o755)
    assert said.count("\n") == 1
    assert "Permission denied" in said
    assert "results/" in said
    assert not two_parts.expect_whole()


def test_a_lock_of_another_user_is_said(two_parts: Laboratory) -> None:
    lock = two_parts.aside / "run.lock"
    lock.chmod(0o000)
    said = two_parts.run(code=2, preexec_fn=powerless)
    lock.chmod(0o644)
    assert said.count("\n") == 1
    assert "run.lock: cannot be opened (Permission denied)" in said


@pytest.mark.parametrize("command", [*READERS, "run"])
def test_a_link_that_leads_nowhere_is_not_taken_for_damaged(
    two_parts: Laboratory, command: str
) -> None:
    part = two_parts.rows_folder / PART
    part.rename(two_parts.folder / "elsewhere")
    part.symlink_to(two_parts.folder / "nowhere")
    said = two_parts.run(*words_of(command), code=2)
    assert said.count("\n") == 1
    assert f"{PART}: is a link to {two_parts.folder}/nowhere, which is not there" in said
    (two_parts.folder / "elsewhere").rename(two_parts.folder / "nowhere")
    assert not two_parts.expect_whole()
    assert not two_parts.computed()


def test_a_removed_part_is_computed_again(two_parts: Laboratory) -> None:
    (two_parts.rows_folder / PART).unlink()
    assert not two_parts.expect_whole()
    assert len(two_parts.computed()) == 40


def test_a_doubled_part_is_merged(two_parts: Laboratory) -> None:
    part = two_parts.rows_folder / PART
    shutil.copy(part, two_parts.rows_folder / "copy.parquet")
    folder = Folder(two_parts.results, "grid")
    assert len(known(folder, print).ids) == 200
    assert not two_parts.expect_whole()
    assert not two_parts.computed()


def test_of_two_rows_of_a_cell_the_one_that_did_not_fail_is_kept(two_parts: Laboratory) -> None:
    part = two_parts.rows_folder / PART
    table = pq.read_table(part)
    failed = table.set_column(
        table.column_names.index("status"), "status", pa.array(["failed"] * len(table))
    )
    pq.write_table(failed, two_parts.rows_folder / "part-00.parquet")
    pq.write_table(failed, two_parts.rows_folder / "a.parquet")
    assert not two_parts.expect_whole()
    assert not two_parts.computed()


@pytest.mark.parametrize(
    "name",
    ["notes.txt", ".part-1.parquet.tmp", ".hidden.parquet", "_temporary", "part-2.parquet.tmp"],
)
def test_a_stray_file_is_named_and_left_alone(two_parts: Laboratory, name: str) -> None:
    stray = two_parts.rows_folder / name
    stray.write_text("what is this?")
    for _ in range(2):
        (line,) = two_parts.run_here()
        assert line.startswith(f"{stray}: is not a file of results")
        assert stray.read_text() == "what is this?"
    assert len(known(Folder(two_parts.results, "grid"), print).ids) == 200
    assert not two_parts.computed()
    stray.unlink()
    two_parts.expect_results()


def test_a_stray_folder_is_named_and_left_alone(two_parts: Laboratory) -> None:
    inner = two_parts.rows_folder / "figures" / "one.parquet"
    inner.parent.mkdir()
    inner.write_text("what is this?")
    (line,) = two_parts.run_here()
    assert line.startswith(f"{inner.parent}: is not a file of results")
    assert inner.read_text() == "what is this?"
    assert not two_parts.computed()


def test_a_stray_file_aside_is_cleared_away(two_parts: Laboratory) -> None:
    (two_parts.aside / "part-3.parquet.tmp").write_bytes(b"PAR1")
    (two_parts.aside / "cells-4.parquet").write_bytes(b"PAR1")
    (two_parts.aside / "part-0.parquet.replaced").write_bytes(b"PAR1")
    assert not two_parts.expect_whole()
    assert not two_parts.computed()


def table_of_theirs(path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), path)


def their_part_of_ours(path: Path) -> None:
    table = pq.read_table(next(path.parent.iterdir()), columns=["x", "time_to_target"])
    assert b"sweep_format" in table.schema.metadata
    pq.write_table(table, path)


def their_text(path: Path) -> None:
    path.write_text("what is this?")


def their_folder(path: Path) -> None:
    path.mkdir()
    (path / "part.txt").write_text("what is this?")


@pytest.mark.parametrize("name", ["theirs.parquet", "part-0.parquet"])
@pytest.mark.parametrize("make", [table_of_theirs, their_part_of_ours, their_text, their_folder])
def test_a_table_that_is_not_sweep_s_is_refused_and_left_alone(
    two_parts: Laboratory, make: Callable[[Path], None], name: str
) -> None:
    """Left out, it would be among the rows of all other readers."""
    make(two_parts.rows_folder / name)
    before = tree(two_parts.rows_folder)
    refusal = rf"{name}: (was not written by sweep|is not a file of results \(.*\)); move it out"
    with pytest.raises(UsageError, match=refusal):
        two_parts.run_here()
    with pytest.raises(UsageError, match=refusal):
        known(Folder(two_parts.results, "grid"), print)
    assert tree(two_parts.rows_folder) == before
    assert not two_parts.computed()


def test_a_folder_in_the_place_of_a_part_is_left_alone(two_parts: Laboratory) -> None:
    part = two_parts.rows_folder / PART
    part.unlink()
    their_folder(part)
    with pytest.raises(UsageError, match=rf"{PART}: is not a file of results \(.*; move it out"):
        two_parts.run_here()
    assert (part / "part.txt").read_text() == "what is this?"


def later(path: Path) -> None:
    table = pq.read_table(path)
    metadata = table.schema.metadata | {b"sweep_format": b"99", b"sweep_version": b"12.3"}
    pq.write_table(table.replace_schema_metadata(metadata), path)


def test_a_later_format_is_refused_by_all_commands_and_left_alone(two_parts: Laboratory) -> None:
    part = two_parts.rows_folder / PART
    later(part)
    before = {path: path.read_bytes() for path in two_parts.rows_folder.iterdir()}
    for command in (*READERS, "run"):
        said = two_parts.run(*words_of(command), code=2)
        assert said.count("\n") == 1
        assert "written by sweep 12.3 in a later format (99" in said
    assert {path: path.read_bytes() for path in two_parts.rows_folder.iterdir()} == before


def test_columns_of_a_later_version_are_kept(two_parts: Laboratory) -> None:
    """All files get them, since polars refuses files with different columns."""
    part = two_parts.rows_folder / PART
    table = pq.read_table(part)
    table = table.append_column("novel", pa.array(range(len(table)), pa.int64()))
    pq.write_table(table, part)
    (two_parts.rows_folder / "part-1.parquet").unlink(missing_ok=True)
    two_parts.run_here()
    found = contents(two_parts.rows_folder)
    expected = reference(two_parts.text)
    assert {key: row[:-1] for key, row in found.items()} == expected
    assert sorted(row[-1] for row in found.values() if row[-1] is not None) == list(range(80))


def test_new_parts_have_the_columns_of_a_later_version(laboratory: Laboratory) -> None:
    laboratory.write(text_of(HALF))
    laboratory.run_here()
    (part,) = laboratory.rows_folder.iterdir()
    table = pq.read_table(part)
    pq.write_table(table.append_column("novel", pa.nulls(len(table), pa.int64())), part)
    laboratory.write(text_of(AXES, seconds=0.02))
    process = laboratory.start("--backend", "threading", "--jobs", 1)
    laboratory.wait_for_parts(process, 2)
    process.kill()
    process.communicate()
    assert len(contents(laboratory.rows_folder)) > 80


def test_columns_that_an_old_part_lacks_are_empty(two_parts: Laboratory) -> None:
    """As after a version that adds some."""
    for part in two_parts.rows_folder.iterdir():
        pq.write_table(pq.read_table(part).drop_columns(["units", "message"]), part)
    grid = grid_of(two_parts.text)
    rows = frame(grid, Folder(two_parts.results, "grid"), print)
    assert rows["units"].isna().all()
    two_parts.run_here()
    found = contents(two_parts.rows_folder)
    assert found.keys() == reference(two_parts.text).keys()
    assert not two_parts.computed()
    (part,) = two_parts.rows_folder.iterdir()
    assert "units" in pq.read_schema(part).names


def test_parts_with_a_column_of_another_type_are_refused(two_parts: Laboratory) -> None:
    part = two_parts.rows_folder / PART
    table = pq.read_table(part)
    place = table.column_names.index("units")
    pq.write_table(table.set_column(place, "units", pa.array(["?"] * len(table))), part)
    with pytest.raises(UsageError, match="holds columns of other types"):
        two_parts.run_here()


def set_aside_by_a_merge(laboratory: Laboratory, journal: str) -> None:
    """The state after a merge that broke off when one of the files had left the folder."""
    part = laboratory.rows_folder / PART
    part.rename(laboratory.aside / f"{PART}.replaced")
    (laboratory.aside / "compaction.json").write_text(journal)


@pytest.mark.parametrize(
    "journal",
    ['{"into": "cel', f'{{"into": "cells-1.parquet", "replaces": ["{PART}"]}}'],
    ids=["damaged", "of a file that is gone"],
)
def test_a_journal_that_leads_nowhere_turns_back(two_parts: Laboratory, journal: str) -> None:
    set_aside_by_a_merge(two_parts, journal)
    assert len(known(Folder(two_parts.results, "grid"), print).ids) == 200
    assert not two_parts.expect_whole()
    assert not two_parts.computed()


def interrupted_merge(laboratory: Laboratory) -> None:
    """The state after a merge that broke off when half of the files had left the folder."""
    parts = sorted(laboratory.rows_folder.iterdir())
    merged = pa.concat_tables([pq.read_table(part) for part in parts])
    pq.write_table(merged, laboratory.aside / MERGED)
    names = [part.name for part in parts]
    set_aside_by_a_merge(laboratory, json.dumps({"into": MERGED, "replaces": names}))


def test_commands_that_read_see_through_an_interrupted_merge_and_move_nothing(
    two_parts: Laboratory,
) -> None:
    interrupted_merge(two_parts)
    before = tree(two_parts.results)
    for command in READERS:
        output = two_parts.folder / f"{command}.png"
        words = [*words_of(command), *(["-o", output] if command == "plot" else [])]
        said = two_parts.run(*words)
        assert "computed" not in said
        assert tree(two_parts.results) == before
    assert "200 rows in out.csv" in said
    assert not two_parts.expect_whole()
    assert not two_parts.computed()


def test_a_merge_whose_folder_was_deleted_has_its_rows_all_the_same(two_parts: Laboratory) -> None:
    interrupted_merge(two_parts)
    shutil.rmtree(two_parts.rows_folder)
    for command in READERS:
        assert "no results" not in two_parts.run(*words_of(command))
    assert not two_parts.rows_folder.exists()
    assert not two_parts.expect_whole()
    assert not two_parts.computed()


def test_statuses_are_those_that_the_results_have(two_parts: Laboratory) -> None:
    found = known(Folder(two_parts.results, "grid"), print)
    assert set(status_words(found.status)) == {"reached"}
