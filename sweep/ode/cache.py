"""Compiled kernels on disk: one file a kernel, which is whole or none, and nobody else's.

A file holds what was pickled, so it is read only where this user wrote it, and only where its
checksum says that nothing has changed since. It lies in a folder of this user's own beneath the
first that takes it of NUMBA_CACHE_DIR, XDG_CACHE_HOME, ~/.cache and the temporary folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sweep.ode import news

MAGIC = b"sweep kernel 1\n"
FOLDER, ENDING = "meta-sweep", ".kernel"

UNUSED_S = 30 * 86400.0
"""What was not used for so long is removed; that it is used is noted once a day."""

DAY_S = 86400.0


def load(name: str, key: str) -> bytes | None:
    """What was saved under this key; None where there is nothing, or nothing that is good.

    name: the beginning of the file's name, for people. What is damaged is removed.
    """
    for folder in _folders():
        path = folder / _file(name, key)
        try:
            content = _read(path)
        except OSError:
            continue
        payload = _unwrapped(content, key)
        if payload is not None:
            _note_use(path)
            return payload
        forget(name, key)
    return None


def save(name: str, key: str, payload: bytes) -> None:
    """Keep this under a key, for other processes; where that cannot be done, say so."""
    trouble = "no folder of one's own"
    for folder in _folders():
        try:
            _write(folder / _file(name, key), _wrapped(payload, key))
        except OSError as error:
            trouble = f"{error.strerror or error}: {folder}"
            continue
        _clear_away(folder)
        return
    news.once(
        f"compiled kernels cannot be kept ({trouble}), so every process compiles its own; "
        "NUMBA_CACHE_DIR names a folder for them"
    )


def forget(name: str, key: str) -> None:
    """Remove what was saved under this key."""
    for folder in _folders():
        with suppress(OSError):
            (folder / _file(name, key)).unlink()


def _file(name: str, key: str) -> str:
    return f"{name}-{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}{ENDING}"


def _wrapped(payload: bytes, key: str) -> bytes:
    named = key.encode()
    content = len(named).to_bytes(8, "big") + named + payload
    return MAGIC + hashlib.blake2b(content, digest_size=32).digest() + content


def _unwrapped(content: bytes, key: str) -> bytes | None:
    named = key.encode()
    start = len(MAGIC) + 32
    body = content[start:]
    if not content.startswith(MAGIC):
        return None
    if hashlib.blake2b(body, digest_size=32).digest() != content[len(MAGIC) : start]:
        return None
    if not body.startswith(len(named).to_bytes(8, "big") + named):
        return None
    return body[8 + len(named) :]


def _read(path: Path) -> bytes:
    """A file's content, if this user wrote it and nobody else can; OSError where not."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not (stat.S_ISREG(found.st_mode) and _is_own(found)):
            raise PermissionError(f"{path} is somebody else's")
        return file.read()


def _write(path: Path, content: bytes) -> None:
    """Write a file at once: other processes see all of it, or what was there before."""
    number, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    if not _is_own(path.lstat()):
        raise PermissionError(0, "files there are not this user's own")


def _note_use(path: Path) -> None:
    with suppress(OSError):
        if time.time() - path.lstat().st_mtime > DAY_S:
            os.utime(path)


def _clear_away(folder: Path) -> None:
    """Remove what was not used for long. Whoever is reading it goes on; others compile anew."""
    oldest = time.time() - UNUSED_S
    for path in _entries(folder):
        with suppress(OSError):
            if stat.S_ISDIR(path.lstat().st_mode):  # as earlier versions kept their kernels
                inside = [entry.lstat().st_mtime for entry in path.rglob("*")]
                if max(inside, default=path.lstat().st_mtime) < oldest:
                    shutil.rmtree(path)
            elif path.lstat().st_mtime < oldest:
                path.unlink()


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _folders() -> Iterator[Path]:
    """Folders of this user's own: the first that can be written to, and any before it."""
    for root in _roots():
        try:
            folder = _folder_in(root)
        except OSError:
            continue
        if folder is not None:
            yield folder
            if os.access(folder, os.W_OK):
                return


def _folder_in(root: Path) -> Path | None:
    """A folder of this user's own beneath a root, made where there is none; None: others' only."""
    root.mkdir(parents=True, exist_ok=True)
    for name in (FOLDER, f"{FOLDER}-{os.geteuid()}"):
        folder = root / name
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if _is_private(folder):
            return folder
    return None


def _is_private(folder: Path) -> bool:
    """Whether it is a folder of this user's own; others are kept from writing to it."""
    found = folder.lstat()
    if not (stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()):
        return False
    if not _is_own(found):
        folder.chmod(0o700)
    return True


def _is_own(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _roots() -> Iterator[Path]:
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        if os.environ.get(name):
            yield Path(os.environ[name])
    with suppress(RuntimeError):  # a user without a home folder
        yield Path.home() / ".cache"
    with suppress(OSError):  # no folder at all can be written to
        yield Path(tempfile.gettempdir())
