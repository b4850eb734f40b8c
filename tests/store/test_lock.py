"""Who may run a grid, and who may have it for itself."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from sweep.errors import UsageError
from sweep.grid import Shard
from sweep.store.lock import locked


def warned(line: str) -> None:
    raise AssertionError(line)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        (None, None, "another run"),
        (None, Shard(1, 2), "another run"),
        (Shard(1, 2), None, "another run"),
        (Shard(1, 2), Shard(1, 2), "another run"),
        (Shard(1, 2), Shard(1, 3), "another split"),
        (Shard(1, 2), Shard(2, 2), ""),
    ],
)
def test_who_may_run_beside_whom(
    tmp_path: Path, first: Shard | None, second: Shard | None, refused: str
) -> None:
    with locked(tmp_path, first, warned):
        if refused:
            with pytest.raises(UsageError, match=refused), locked(tmp_path, second, warned):
                pass
        else:
            with locked(tmp_path, second, warned):
                pass
    with locked(tmp_path, second, warned):
        pass


def test_who_is_refused_is_told_by_whom(tmp_path: Path) -> None:
    with locked(tmp_path, Shard(2, 2), warned):
        pass
    with (
        locked(tmp_path, Shard(1, 2), warned),
        pytest.raises(UsageError, match=rf"\(process {os.getpid()} on .* since \d{{4}}-"),
        locked(tmp_path, None, warned),
    ):
        pass


def test_a_shard_has_all_for_itself_only_while_no_other_is_there(tmp_path: Path) -> None:
    with locked(tmp_path, Shard(1, 2), warned) as first:
        with first.exclusively() as held:
            assert held
        with locked(tmp_path, Shard(2, 2), warned) as second:
            for lock in (first, second, first):
                with lock.exclusively() as held:
                    assert not held
        with first.exclusively() as held:
            assert held
        with pytest.raises(UsageError), locked(tmp_path, None, warned):
            pass


def test_others_wait_while_a_shard_has_all_for_itself(tmp_path: Path) -> None:
    order: list[str] = []

    def come() -> None:
        with locked(tmp_path, Shard(2, 2), warned):
            order.append("second")

    with locked(tmp_path, Shard(1, 2), warned) as lock:
        with lock.exclusively() as held:
            assert held
            thread = threading.Thread(target=come)
            thread.start()
            thread.join(0.2)
            order.append("first")
        thread.join()
    assert order == ["first", "second"]


def test_the_lock_of_the_dead_is_free(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from sweep.store.lock import locked
with locked(Path({str(tmp_path)!r}), None, print):
    print("held", flush=True)
    import time; time.sleep(3600)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(UsageError, match=f"process {process.pid}"), locked(tmp_path, None, warned):
        pass
    process.kill()
    process.communicate()
    with locked(tmp_path, None, warned):
        pass


def test_where_there_are_no_locks_that_is_said_and_nobody_has_all_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: object, __: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    said: list[str] = []
    with ExitStack() as stack:
        for shard in (None, Shard(1, 2)):
            lock = stack.enter_context(locked(tmp_path, shard, said.append))
            with lock.exclusively() as held:
                assert not held
    assert len(said) == 2
    assert "no locks on this file system" in said[0]
