"""Two runs that have the same folder in hand: one comes at each step of the other."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sweep.errors import UsageError
from sweep.grid import Shard
from sweep.store.folder import Folder
from sweep.store.lock import Lock, locked
from sweep.store.metadata import FORMAT

SCHEMA = pa.schema([("cell_id", pa.string()), ("status", pa.string())])
METADATA = {"sweep_format": str(FORMAT)}

CALLS = ("mkdir", "open", "rename", "unlink", "fsync", "ftruncate", "listdir", "scandir")
"""What changes files and folders, or lists them; a run is at all times before one of these."""


class Waits(Exception):
    """The run would wait for the other."""


def table(cell: str) -> pa.Table:
    return pa.table({"cell_id": [cell], "status": ["not_reached"]}, schema=SCHEMA)


def live(results: Path, shard: Shard | None, cell: str) -> None:
    """All that a run does to its folder, in the order in which a run does it."""
    folder = Folder(results, "grid")
    folder.prepare()
    with locked(folder.aside, shard, pytest.fail) as lock:
        tidy_up(folder, lock, leaving=False)
        with folder.being_written():
            folder.write(table(cell), METADATA)
        folder.check_place()
        tidy_up(folder, lock, leaving=True)


def tidy_up(folder: Folder, lock: Lock, leaving: bool) -> None:
    with lock.exclusively(leaving) as held, folder.being_written():
        if held:
            folder.repair(pytest.fail)
            folder.compact(SCHEMA, METADATA)


@contextmanager
def interrupted_at(step: int, other: Callable[[], None]) -> Iterator[list[str]]:
    """Have `other` happen at a step of what is done in the context; the steps, as they come."""
    steps: list[str] = []
    inside = False

    def hooked(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            nonlocal inside
            if not inside:
                steps.append(f"{name} {arguments[0]}")
                if len(steps) == step:
                    inside = True
                    other()
                    inside = False
            return None if name == "fsync" else call(*arguments, **options)

        return wrapper

    def flock(file: Any, kind: int) -> None:
        """In the midst of the one run, the other cannot wait for it."""
        try:
            real_flock(file, kind | fcntl.LOCK_NB if inside else kind)
        except BlockingIOError:
            if kind & fcntl.LOCK_NB:
                raise
            raise Waits from None

    real_flock = fcntl.flock
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, hooked(name, getattr(os, name)))
        patch.setattr(fcntl, "flock", flock)
        yield steps


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """Results that a run has left behind that was killed: to be repaired, and to be merged."""
    folder = Folder(tmp_path / "begun", "grid")
    folder.prepare()
    for cell in ("a", "b"):
        folder.write(table(cell), METADATA)
    (folder.aside / "part-3.parquet.tmp").write_bytes(b"PAR1")
    return folder.results


@pytest.mark.parametrize(
    ("one", "two"), [(Shard(1, 2), Shard(2, 2)), (None, None), (Shard(1, 2), None)]
)
def test_no_step_of_a_run_is_one_at_which_another_may_not_come(
    tmp_path: Path, begun: Path, one: Shard | None, two: Shard | None
) -> None:
    for step in range(1, 1000):
        results = tmp_path / f"{step}"
        shutil.copytree(begun, results)
        over = False

        def come(results: Path = results) -> None:
            nonlocal over
            try:
                live(results, two, "of two")
                over = True
            except Waits:
                pass
            except UsageError as error:
                if "another run of grid is at work" not in str(error):
                    raise

        with interrupted_at(step, come) as steps:
            live(results, one, "of one")
        if not over:
            live(results, two, "of two")
        folder = Folder(results, "grid")
        found = folder.read(None, pytest.fail)
        assert found is not None
        assert sorted(found["cell_id"].to_pylist()) == ["a", "b", "of one", "of two"], steps[:step]
        assert len(folder.parts()) == 1, steps[:step]
        assert {path.suffix for path in folder.aside.iterdir()} == {".lock"}, steps[:step]
        shutil.rmtree(results)
        if len(steps) < step:
            break
    assert 40 < step < 999, step
