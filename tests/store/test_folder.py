"""The folder of a grid: rows in, rows out, one file in the end."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sweep.errors import UsageError
from sweep.store import compaction, parquet
from sweep.store.folder import Folder
from sweep.store.lock import locked
from sweep.store.metadata import FORMAT, describe
from sweep.store.tables import conformed

SCHEMA = pa.schema([("cell_id", pa.string()), ("status", pa.string()), ("n", pa.int64())])
METADATA = {"sweep_format": str(FORMAT), "grid": "one"}


def table(*cells: int, status: str = "not_reached", **columns: list[object]) -> pa.Table:
    return pa.table(
        {"cell_id": list(map(str, cells)), "status": [status] * len(cells), "n": list(cells)}
        | columns
    )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "results", "grid")
    folder.prepare()
    return folder


def cells(folder: Folder) -> list[int]:
    found = folder.read(["n"], print)
    return [] if found is None else found["n"].to_pylist()


def test_there_is_nothing_where_there_is_no_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "nowhere", "grid")
    assert folder.parts() == []
    assert folder.read(None, print) is None
    assert not folder.is_compacting()
    assert not (tmp_path / "nowhere").exists()


def test_what_is_written_is_read_in_its_order(folder: Folder) -> None:
    for i in range(5):
        folder.write(table(2 * i, 2 * i + 1), METADATA)
    assert cells(folder) == list(range(10))
    assert [path.parent for path in folder.parts()] == [folder.path] * 5


def test_merging_leaves_one_file_with_all_rows(folder: Folder) -> None:
    for i in range(5):
        folder.write(table(i), METADATA)
    folder.compact(SCHEMA, METADATA)
    assert cells(folder) == list(range(5))
    (part,) = folder.path.iterdir()
    folder.compact(SCHEMA, METADATA)
    assert list(folder.path.iterdir()) == [part], "merging one file is nothing to do"
    assert not list(folder.aside.iterdir())


def test_merging_drops_what_it_is_told_to(folder: Folder) -> None:
    folder.write(table(1, 2, 3), METADATA)
    folder.compact(SCHEMA, METADATA, drop=pa.array(["2", "7"]))
    assert cells(folder) == [1, 3]


def test_merging_keeps_one_row_a_cell_the_better_and_earlier(folder: Folder) -> None:
    folder.write(table(1, 2, status="failed"), METADATA)
    folder.write(table(2, 3, n=[20, 30]), METADATA)
    folder.write(table(1, 2, n=[100, 200], status="failed"), METADATA)
    assert cells(folder) == [1, 20, 30]
    folder.compact(SCHEMA, METADATA)
    assert cells(folder) == [1, 20, 30]
    assert len(pq.read_table(folder.path)) == 3


def test_merged_files_remember_what_made_their_rows(folder: Folder) -> None:
    folder.write(table(1), METADATA)
    folder.write(table(2), METADATA | {"grid": "two"})
    folder.compact(SCHEMA, METADATA | {"grid": "three"})
    folder.write(table(3), METADATA | {"grid": "three"})
    folder.compact(SCHEMA, METADATA | {"grid": "four"})
    (part,) = folder.parts()
    metadata = parquet.metadata_of(part)
    assert metadata["grid"] == "four"
    history = [made["grid"] for made in json.loads(metadata["history"])]
    assert sorted(history) == ["one", "three", "two"], "each of them once"


def test_who_made_rows_is_known_with_the_times_where_the_files_tell(folder: Folder) -> None:
    earlier = json.dumps([METADATA | {"grid": "one"}])  # as versions before this one merged
    folder.write(table(1), METADATA | {"grid": "merger", "history": earlier})
    folder.write(table(2), METADATA | {"grid": "two"})
    folder.write(table(3), METADATA | {"grid": "two"})
    assert [made["grid"] for made in folder.made()] == ["one", "two"]
    before = folder.made()
    folder.compact(SCHEMA, METADATA | {"grid": "merger"})
    assert folder.made() == before
    one, two = before
    assert "since" not in one
    assert two["since"] <= two["written"]


def test_all_files_get_the_columns_of_all(folder: Folder) -> None:
    folder.write(table(1, extra=["a"]), METADATA)
    wanted = SCHEMA.append(pa.field("b", pa.float64()))
    columns = folder.schema_with(wanted)
    assert columns.names == ["cell_id", "status", "n", "b", "extra"]
    folder.compact(columns, METADATA)
    folder.write(conformed(table(2, b=[2.5]), columns), METADATA)
    assert all(pq.read_schema(part).names == columns.names for part in folder.parts())


def test_integers_may_become_numbers(folder: Folder) -> None:
    folder.write(table(1), METADATA)
    wanted = pa.schema([("cell_id", pa.string()), ("status", pa.string()), ("n", pa.float64())])
    folder.compact(folder.schema_with(wanted), METADATA)
    assert cells(folder) == [1.0]
    assert pq.read_schema(folder.parts()[0]).field("n").type == pa.float64()


@pytest.mark.parametrize("moved", range(4))
def test_a_reader_sees_all_rows_in_the_middle_of_a_merge(
    folder: Folder, moved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(3):
        folder.write(table(i), METADATA)
    renamed: list[Path] = []
    rename = Path.rename

    class Killed(BaseException):
        pass

    def dying(self: Path, target: Path) -> Path:
        if "replaced" in str(target) or (
            self.name.startswith("cells-") and target.parent != self.parent
        ):
            if len(renamed) == moved:
                raise Killed
            renamed.append(self)
        return rename(self, target)

    monkeypatch.setattr(compaction.Path, "rename", dying)
    with pytest.raises(Killed):
        folder.compact(SCHEMA, METADATA)
    monkeypatch.undo()
    assert folder.is_compacting()
    assert sorted(cells(folder)) == [0, 1, 2]
    assert len(list(folder.path.iterdir())) == 3 - moved
    folder.repair(print)
    assert sorted(cells(folder)) == [0, 1, 2]
    assert not folder.is_compacting()


def test_a_reader_finds_all_rows_while_files_come_and_go(folder: Folder) -> None:
    written: list[int] = []

    def write_and_merge() -> None:
        for i in range(60):
            folder.write(table(i), METADATA)
            written.append(i)
            if i % 4 == 3:
                folder.compact(SCHEMA, METADATA)

    thread = threading.Thread(target=write_and_merge)
    thread.start()
    while thread.is_alive():
        before = len(written)
        found = cells(folder)
        assert len(set(found)) == len(found) >= before
    thread.join()
    assert sorted(cells(folder)) == list(range(60))


def names(path: Path) -> list[str]:
    return sorted(str(found.relative_to(path)) for found in path.rglob("*"))


@pytest.mark.parametrize("theirs", ["main.tex", "data.parquet", "part-0.parquet", "deep/main.tex"])
def test_a_folder_of_a_user_s_is_refused(tmp_path: Path, theirs: str) -> None:
    file = tmp_path / "paper" / theirs
    file.parent.mkdir(parents=True)
    if theirs.endswith(".parquet"):
        pq.write_table(pa.table({"a": [1]}), file)
    else:
        file.write_text("theirs")
    before, content = names(tmp_path), file.read_bytes()
    refusal = rf"paper: .* holds files \({theirs.split('/')[0]}\) and none of sweep's own; move"
    with pytest.raises(UsageError, match=refusal):
        Folder(tmp_path, "paper").prepare()
    assert (names(tmp_path), file.read_bytes()) == (before, content)


def test_a_folder_that_looks_empty_is_taken(tmp_path: Path) -> None:
    hidden = tmp_path / "grid" / ".gitkeep"
    hidden.parent.mkdir()
    hidden.touch()
    folder = Folder(tmp_path, "grid")
    folder.prepare()
    folder.write(table(1), METADATA)
    folder.repair(print)
    assert cells(folder) == [1]
    assert folder.strays() == [hidden]


def test_a_folder_with_results_among_a_user_s_files_is_sweep_s(folder: Folder) -> None:
    notes = folder.path / "notes.txt"
    notes.write_text("theirs")
    part = folder.write(table(1), METADATA).rename(folder.path / "copy.parquet")
    folder.prepare()
    folder.repair(print)
    assert folder.strays() == [notes]
    (folder.aside / "compaction.json").write_text('{"into": "cells-1.parquet", "replaces": []}')
    part.rename(folder.aside / "cells-1.parquet")
    folder.prepare()
    folder.repair(print)
    assert cells(folder) == [1]
    assert notes.read_text() == "theirs"


def test_a_file_that_is_listed_and_never_there_is_said(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the list of names on a network disk is out of date."""
    part = folder.write(table(1), METADATA)
    monkeypatch.setattr(folder.path.__class__, "iterdir", lambda _: iter([part]))
    part.unlink()
    with pytest.raises(UsageError, match=r"grid: cannot be read .*part-.*; try again") as refusal:
        folder.read(None, print)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_is_a_link_to_itself_is_said(tmp_path: Path) -> None:
    (tmp_path / "grid").symlink_to(tmp_path / "grid")
    folder = Folder(tmp_path, "grid")
    with pytest.raises(UsageError, match="grid: cannot be read"):
        folder.read(None, print)
    with pytest.raises(UsageError, match=r"grid: cannot be (read|written)"):
        folder.prepare()


def test_a_folder_whose_place_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "grid").write_text("a file")
    with pytest.raises(UsageError, match=r"results/grid: is a file, where a folder would be"):
        Folder(tmp_path / "results", "grid").prepare()


def test_files_say_what_made_them(folder: Folder) -> None:
    part = folder.write(table(1), describe("some-model", "the grid's text"))
    metadata = parquet.metadata_of(part)
    assert metadata.keys() >= {
        "sweep_version",
        "numpy_version",
        "scipy_version",
        "numba_version",
        "pyarrow_version",
        "git_commit",
        "grid",
        "written",
    }
    assert metadata["grid"] == "the grid's text"
    assert all(metadata[f"{name}_version"] for name in ("numpy", "scipy", "numba", "pyarrow"))


@pytest.mark.parametrize("name", ["s3:", "file:", "~", "mem:x", "r\udcff"])
def test_a_folder_may_have_the_name_of_a_place_on_the_net(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Folder(Path(name) / "b", "grid")
    folder.prepare()
    for i in range(2):
        folder.write(table(i), METADATA)
    folder.repair(pytest.fail)
    folder.compact(SCHEMA, METADATA)
    assert cells(folder) == [0, 1]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_pipe_among_the_results_is_refused_and_not_waited_for(folder: Folder) -> None:
    folder.write(table(1), METADATA)
    os.mkfifo(folder.path / "pipe.parquet")
    with pytest.raises(UsageError, match=r"pipe\.parquet: is not a file of results"):
        cells(folder)
    assert not parquet.is_own(folder.path / "pipe.parquet")


def test_a_grid_whose_results_were_all_removed_is_computed_again(folder: Folder) -> None:
    with locked(folder.aside, None, pytest.fail):
        part = folder.write(table(1), METADATA)
    part.unlink()
    (folder.path / "notes.txt").write_text("mine")
    folder.prepare()
    folder.write(table(2), METADATA)
    assert cells(folder) == [2]
    assert (folder.path / "notes.txt").read_text() == "mine"
