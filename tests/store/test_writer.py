"""Rows reach the disk soon, all of them and each once, whatever the disk does."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sweep.errors import UsageError
from sweep.models.base import Block
from sweep.store import writer as module
from sweep.store.folder import Folder
from sweep.store.writer import Writer

PATIENCE_S = 60


def block(i: int) -> Block:
    return Block(np.array([i]), None, 0.0, "none")


def rows(blocks: Sequence[Block]) -> pa.Table:
    cells = [int(block.cells[0]) for block in blocks]
    ids = [str(cell) for cell in cells]
    return pa.table({"cell_id": ids, "status": ["failed"] * len(ids), "cell": cells})


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path, "grid")
    folder.prepare()
    return folder


def written(folder: Folder) -> list[int]:
    parts = [pq.read_table(part)["cell"].to_pylist() for part in folder.parts()]
    return [cell for part in parts for cell in part]


def test_what_is_added_is_written_in_the_end(folder: Folder) -> None:
    with Writer(folder, rows, {"sweep_format": "1"}) as writer:
        writer.add([block(1)])
        writer.add([block(2), block(3)])
    assert written(folder) == [1, 2, 3]
    assert len(folder.parts()) == 1


def test_nothing_is_written_where_there_is_nothing(folder: Folder) -> None:
    with Writer(folder, rows, {}):
        pass
    assert folder.parts() == []


def test_rows_are_written_while_no_others_come(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_INTERVAL_S", 0.05)
    with Writer(folder, rows, {"sweep_format": "1"}) as writer:
        for i in range(3):
            writer.add([block(i)])
            end = time.monotonic() + PATIENCE_S
            while len(folder.parts()) <= i:
                assert time.monotonic() < end
                time.sleep(0.01)
    assert written(folder) == [0, 1, 2]


def test_an_error_in_the_run_does_not_keep_rows_from_the_disk(folder: Folder) -> None:
    def run() -> None:
        with Writer(folder, rows, {"sweep_format": "1"}) as writer:
            writer.add([block(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()
    assert written(folder) == [1]


def test_an_error_of_the_disk_ends_the_run_and_the_rows_are_tried_once_more(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_INTERVAL_S", 0.01)
    failed = threading.Event()
    write = Folder.write

    def fail_once(self: Folder, table: pa.Table, metadata: dict[str, str]) -> Path:
        if not failed.is_set():
            failed.set()
            raise OSError(28, "No space left on device")
        return write(self, table, metadata)

    monkeypatch.setattr(Folder, "write", fail_once)

    def run() -> None:
        with Writer(folder, rows, {"sweep_format": "1"}) as writer:
            writer.add([block(1)])
            assert failed.wait(PATIENCE_S)
            end = time.monotonic() + PATIENCE_S
            while time.monotonic() < end:
                added.append(len(added) + 2)
                writer.add([block(added[-1])])
                time.sleep(0.01)

    added: list[int] = []
    with pytest.raises(UsageError, match="No space left"):
        run()
    assert written(folder) == [1, *added], "also what came when the error was raised"


def test_a_folder_that_was_moved_ends_the_run_and_has_all_rows(folder: Folder) -> None:
    elsewhere = folder.results / "elsewhere"

    def run() -> None:
        with Writer(folder, rows, {"sweep_format": "1"}) as writer:
            folder.path.rename(elsewhere)
            folder.path.mkdir()
            writer.add([block(1)])

    with pytest.raises(UsageError, match=rf"grid: was moved to {elsewhere} while"):
        run()
    assert folder.parts() == []
    assert written(Folder(folder.results, "elsewhere")) == [1]


def test_the_interval_stretches_with_the_length_of_the_run(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(folder, rows, {})
    now = time.monotonic()
    waits = []
    for elapsed in (0, 1000, 100_000):
        monkeypatch.setattr(writer, "_start", now - elapsed)
        monkeypatch.setattr(writer, "_blocks", [block(1)])
        monkeypatch.setattr(writer, "_oldest", time.monotonic())
        waits.append(round(writer._patience() or 0))
    assert waits == [module.FIRST_INTERVAL_S, 10, module.LONGEST_INTERVAL_S]
    assert module.FIRST_INTERVAL_S <= 4
