"""What files of results are called, so that they can be told from a user's own, and trusted.

A name ends with a checksum of the whole file. A list of checksums beside the files would have to be
kept in step with them through every kill, by several shards at once, and when a user moves, removes
or brings back a file; what is in the name goes where the file goes and is there as soon as it is.
Files of earlier versions have none, nor has what a user has given another name; they are read with
what checks Parquet has, which cover neither the names nor the places of columns.
"""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sweep.grid.names import RESERVED

if TYPE_CHECKING:
    from typing_extensions import Buffer

SUFFIX = ".parquet"

RUN_LOCK = "run.lock"
"""What whoever runs a grid holds, beside its results; so it is there once one has run."""

ASIDE = RESERVED
"""The folder, beside those of the results, of all that is not finished."""

REPLACED = ".replaced"
"""The ending of a file that has left the folder and is not yet removed."""

_OWN = re.compile(
    r"(?:part-\d{8}T\d{12}-[0-9a-f]{8}|cells-[0-9a-f]{32})(?:-([0-9a-f]{8}))?\.parquet"
    r"(?:\.replaced)?",
    re.ASCII,
)


def part_name(checksum: str) -> str:
    """A name for some more rows; in the order of names they come as they were written."""
    return f"part-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}-{checksum}{SUFFIX}"


def merged_name(checksum: str) -> str:
    """A name for the rows of several files in one."""
    return f"cells-{uuid.uuid4().hex}-{checksum}{SUFFIX}"


def is_own_name(name: str) -> bool:
    """Whether a file of this name is sweep's, even if nothing can be made of its content."""
    return _OWN.fullmatch(name) is not None


def checksum_in(name: str) -> str | None:
    """The checksum that a file of this name should have; None where the name does not say."""
    own = _OWN.fullmatch(name)
    return own and own[1]


def checksum(chunks: Iterable[Buffer]) -> str:
    """That of a file's content.

    100 MB take 0.02 s, less than the checksums of pages do that it stands in for, so every command
    can afford it. One flipped bit, or any 32 in a row, is always found.
    """
    found = Checksum()
    for chunk in chunks:
        found.add(chunk)
    return str(found)


class Checksum:
    """A `checksum` of what has been added so far."""

    def __init__(self) -> None:
        self._found = 0

    def add(self, chunk: Buffer) -> None:
        """Take what follows."""
        self._found = zlib.crc32(chunk, self._found)

    def __str__(self) -> str:
        return f"{self._found:08x}"


def is_part(path: Path) -> bool:
    """Whether readers of the folder take a file for one of rows."""
    return path.suffix == SUFFIX and not path.name.startswith((".", "_"))
