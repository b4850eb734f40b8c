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


def test_of_shards_that_leave_together_the_last_has_all_for_itself(tmp_path: Path) -> None:
    with (
        locked(tmp_path, Shard(1, 2), warned) as first,
        locked(tmp_path, Shard(2, 2), warned) as second,
    ):
        with first.exclusively(leaving=True) as held:
            assert not held
        with second.exclusively(leaving=True) as held:
            assert held


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


def answering(number: int) -> object:
    """A stand-in for flock, of a file system that answers this."""

    def flock(_: object, __: int) -> None:
        raise OSError(number, os.strerror(number))

    return flock


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EPERM, errno.ENOSYS, errno.ENOTSUP])
def test_a_system_that_gives_nobody_a_lock_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(fcntl, "flock", answering(number))
    said: list[str] = []
    with locked(tmp_path, Shard(1, 2), said.append) as lock, lock.exclusively() as held:
        assert not held
    (line,) = said
    assert f"no locks on this file system ({os.strerror(number)}); see that no two" in line


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EIO, errno.EACCES, errno.EBADF])
def test_a_lock_that_cannot_be_had_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refusal = rf"gate\.lock: cannot be locked \({os.strerror(number)}\); have its owner"
    with locked(tmp_path, Shard(1, 2), warned) as lock:
        monkeypatch.setattr(fcntl, "flock", answering(number))
        with pytest.raises(UsageError, match=refusal), lock.exclusively():
            pass
    with pytest.raises(UsageError, match=refusal), locked(tmp_path, None, warned):
        pass


@pytest.mark.parametrize("shard", [None, Shard(1, 2)])
def test_whose_lock_was_removed_has_nothing_for_itself(tmp_path: Path, shard: Shard | None) -> None:
    """Another may hold the lock that is there by now."""
    with locked(tmp_path, shard, warned) as lock:
        (tmp_path / "run.lock").unlink()
        with lock.exclusively() as held:
            assert not held
        with locked(tmp_path, Shard(2, 2), warned) as other:
            with lock.exclusively() as held:
                assert not held
            with other.exclusively() as held:
                assert held


def test_a_lock_does_not_name_who_has_given_it_back(tmp_path: Path) -> None:
    with locked(tmp_path, None, warned):
        assert str(os.getpid()) in (tmp_path / "alone.lock").read_text()
    assert (tmp_path / "alone.lock").read_text() == ""


@pytest.mark.parametrize(("shared", "mode"), [(0o775, 0o664), (0o777, 0o666), (0o755, 0o644)])
def test_locks_are_for_all_who_may_write_to_the_folder(
    tmp_path: Path, shared: int, mode: int
) -> None:
    """Whatever the umask: nobody could put that right before another is refused."""
    tmp_path.chmod(shared)
    before = os.umask(0o022)
    try:
        with locked(tmp_path, None, warned):
            pass
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.lock")} == {mode}


def test_a_folder_in_the_place_of_a_lock_is_said(tmp_path: Path) -> None:
    (tmp_path / "run.lock").mkdir()
    with (
        pytest.raises(UsageError, match=r"run\.lock: cannot be opened \(Is a directory\)"),
        locked(tmp_path, None, warned),
    ):
        pass


def test_a_folder_that_two_names_lead_to_is_the_first_grid_s(tmp_path: Path) -> None:
    """As on a disk to which capitals and small letters are the same."""
    (tmp_path / "Grid").mkdir()
    (tmp_path / "grid").symlink_to("Grid")
    for _ in range(2):
        with locked(tmp_path / "Grid", None, warned):
            pass
        with (
            pytest.raises(
                UsageError, match=r"^grid: its folder on this disk is that of the grid G"
            ),
            locked(tmp_path / "grid", None, warned),
        ):
            pass


@pytest.mark.parametrize(
    ("name", "other"),
    [("Grid", "grid"), ("gru\u0308n", "gr\u00fcn"), ("old", "new"), ("r\udcff", "r")],
)
def test_a_folder_may_be_renamed_with_its_grid(tmp_path: Path, name: str, other: str) -> None:
    (tmp_path / name).mkdir()
    with locked(tmp_path / name, None, warned):
        pass
    (tmp_path / name).rename(tmp_path / other)
    with locked(tmp_path / other, None, warned):
        pass
