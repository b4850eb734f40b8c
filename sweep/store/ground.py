"""What the results stand on: folders that may be another user's, shared, or no folders at all."""

from __future__ import annotations

import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path

from sweep.errors import UsageError

ELSEWHERE = "choose another folder with --results"


def refuse_obstacle(folder: Path) -> None:
    """Raise UsageError where what is there, or on the way there, can be no folder."""
    for place in (*reversed(folder.parents), folder):
        with suppress(OSError):  # what cannot be looked into is said by who reads or writes there
            if place.is_symlink() and not place.exists():
                raise UsageError(
                    f"{place}: is a link to {place.readlink()}, which is not there; bring that "
                    f"back, remove the link, or {ELSEWHERE}"
                )
            if place.exists() and not place.is_dir():
                raise UsageError(
                    f"{place}: is a file, where a folder would be; move it elsewhere, or "
                    f"{ELSEWHERE}"
                )


def whose(path: Path) -> str:
    """Words that name the owner of a path, or of the nearest folder above it that is there.

    None where that is the user's own.
    """
    for place in (path, *path.parents):
        with suppress(OSError):
            owner = place.stat().st_uid
            return "" if owner == os.geteuid() else f"; {place} belongs to {_name(owner)}"
    return ""


def _name(user: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(user).pw_name
    return f"user {user}"


def make_folder(path: Path, like: Path) -> None:
    """Make a folder, unless it is there, that whoever may write to `like` may write to."""
    with suppress(FileExistsError):
        path.mkdir()
        share(path, like)


def share(path: Path, like: Path) -> None:
    """Let the group, and others, write to what was just made, where they may write to `like`."""
    with suppress(OSError):
        made, shared = path.stat(), like.stat()
        bits = 0
        if shared.st_mode & stat.S_IWGRP and made.st_gid == shared.st_gid:
            bits |= stat.S_IRGRP | stat.S_IWGRP | (shared.st_mode & stat.S_IXGRP)
        if shared.st_mode & stat.S_IWOTH:
            bits |= stat.S_IROTH | stat.S_IWOTH | (shared.st_mode & stat.S_IXOTH)
        if not stat.S_ISDIR(made.st_mode):
            bits &= ~(stat.S_IXGRP | stat.S_IXOTH)
        if bits & ~made.st_mode:
            path.chmod(stat.S_IMODE(made.st_mode) | bits)
