"""Files of compiled kernels: whole or none, and nobody else's."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sweep.ode import cache

KEY = "a kernel of these sources\nfor these types"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "root"))
    return tmp_path / "root"


def saved(root: Path) -> Path:
    """The file of a kernel that was just saved."""
    cache.save("kernel", KEY, b"code" * 20)
    (file,) = (root / "meta-sweep").iterdir()
    return file


def test_what_is_saved_is_loaded_under_its_key(root: Path) -> None:
    file = saved(root)
    assert cache.load("kernel", KEY) == b"code" * 20
    assert cache.load("kernel", KEY + "?") is None
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_no_bit_that_flips_goes_unnoticed(root: Path) -> None:
    file = saved(root)
    whole = file.read_bytes()
    for i in range(8 * len(whole)):
        content = bytearray(whole)
        content[i // 8] ^= 1 << i % 8
        file.write_bytes(content)
        assert cache.load("kernel", KEY) is None, i
        assert not file.exists()


def test_a_file_that_is_cut_off_anywhere_is_removed(root: Path) -> None:
    file = saved(root)
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert cache.load("kernel", KEY) is None, length
        assert not file.exists()


def test_another_kernel_under_its_name_is_not_taken_for_it(root: Path) -> None:
    file = saved(root)
    file.rename(file.with_name("other"))
    cache.save("kernel", "another", b"other code")
    (other,) = (path for path in file.parent.iterdir() if path.name != "other")
    other.rename(file)
    assert cache.load("kernel", KEY) is None


def test_what_somebody_else_has_written_is_not_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = saved(root)
    own = os.fstat
    seen: list[int] = []

    def foreign(number: int) -> os.stat_result:
        seen.append(number)
        return os.stat_result((*own(number)[:4], own(number).st_uid + 1, *own(number)[5:]))

    monkeypatch.setattr(os, "fstat", foreign)
    assert cache.load("kernel", KEY) is None
    assert seen
    monkeypatch.undo()
    assert file.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_was_planted_is_not_read(root: Path) -> None:
    os.chown(saved(root), 12345, 12345)
    assert cache.load("kernel", KEY) is None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_what_others_could_have_written_is_not_read(root: Path, mode: int) -> None:
    saved(root).chmod(mode)
    assert cache.load("kernel", KEY) is None


def test_a_link_to_a_file_or_a_pipe_is_not_read(root: Path, tmp_path: Path) -> None:
    file = saved(root)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert cache.load("kernel", KEY) is None
    file.unlink()
    os.mkfifo(file, 0o600)
    assert cache.load("kernel", KEY) is None


@pytest.mark.parametrize("first", ["a link", "a file", "somebody else's"])
def test_a_folder_that_is_not_ones_own_is_left_alone(
    root: Path, tmp_path: Path, first: str
) -> None:
    root.mkdir()
    (tmp_path / "elsewhere").mkdir()
    if first == "a link":
        (root / "meta-sweep").symlink_to(tmp_path / "elsewhere")
    elif first == "a file":
        (root / "meta-sweep").write_text("")
    elif os.geteuid() == 0:
        (root / "meta-sweep").mkdir()
        os.chown(root / "meta-sweep", 12345, 12345)
    else:
        pytest.skip("only root gives folders away")
    cache.save("kernel", KEY, b"code")
    assert cache.load("kernel", KEY) == b"code"
    assert not list((tmp_path / "elsewhere").iterdir())
    assert list((root / f"meta-sweep-{os.geteuid()}").iterdir())


def test_others_are_kept_from_a_folder_that_they_could_write_to(root: Path) -> None:
    (root / "meta-sweep").mkdir(parents=True)
    (root / "meta-sweep").chmod(0o777)
    assert stat.S_IMODE(saved(root).parent.stat().st_mode) == 0o700


def test_the_temporary_folder_is_used_where_there_is_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache.save("kernel", KEY, b"code")
    assert len(list((tmp_path / "meta-sweep").iterdir())) == 1
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache.save("kernel", KEY, b"code")
    assert len(list((tmp_path / "cache" / "meta-sweep").iterdir())) == 1


def test_a_full_disk_costs_time_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource
    import signal

    said: list[str] = []
    monkeypatch.setattr(cache.news, "once", said.append)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        cache.save("kernel", KEY, b"code" * 20)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert not list((root / "meta-sweep").iterdir())
    assert len(said) == 1
    assert str(root / "meta-sweep") in said[0]
    assert cache.load("kernel", KEY) is None


def test_who_writes_at_the_same_time_does_no_harm(root: Path) -> None:
    saved(root)
    with ThreadPoolExecutor(3) as pool:
        for i in range(2):
            pool.submit(
                lambda i=i: [cache.save("kernel", KEY, b"%d" % i * 9999) for _ in range(99)]
            )
        for _ in range(300):
            assert cache.load("kernel", KEY) in (b"code" * 20, b"0" * 9999, b"1" * 9999)
    assert len(list((root / "meta-sweep").iterdir())) == 1


def test_what_was_not_used_for_a_month_is_cleared_away(root: Path) -> None:
    folder = root / "meta-sweep"
    (folder / "0123456789abcdef" / "ode_1").mkdir(parents=True)
    for name in ("old", "young", "0123456789abcdef/ode_1/earlier.nbc"):
        (folder / name).write_text("")
    month_ago = time.time() - 31 * 86400
    for name in ("old", "0123456789abcdef/ode_1/earlier.nbc", "0123456789abcdef/ode_1"):
        os.utime(folder / name, (month_ago, month_ago))
    cache.save("kernel", KEY, b"code")
    (file,) = folder.glob("kernel-*")
    assert sorted(folder.iterdir()) == sorted([file, folder / "young"])
    week_ago = time.time() - 7 * 86400
    os.utime(file, (week_ago, week_ago))
    assert cache.load("kernel", KEY) == b"code"
    assert file.stat().st_mtime > time.time() - 3600
