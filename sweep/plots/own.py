"""Whose a picture is, so that nothing of a user's is drawn over."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sweep.errors import UsageError

SOFTWARE = "meta-sweep"
"""What pictures say they were made with."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MARK = b"Software\0" + SOFTWARE.encode()
BEFORE_MARKS = struct.pack(">IIB", 8661, 8661, 1)
"""The resolution of pictures, in dots per metre; older ones say no more of themselves."""

LONGEST = 1_000_000  # bytes of a chunk


def refuse_foreign(picture: Path) -> None:
    """Refuse a place for a picture where another file is. Raises UsageError."""
    try:
        if not picture.exists() or (picture.is_file() and _is_own(picture)):
            return
    except OSError as error:
        raise UsageError(f"{picture}: cannot be read ({error.strerror})") from error
    raise UsageError(
        f"{picture}: is where the picture would be, but sweep has not drawn it; move it, or name "
        "another file, as in sweep plot GRID -o FILE"
    )


def _is_own(picture: Path) -> bool:
    with picture.open("rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            return False
        chunks = list(_chunks(file))
    texts = [content for kind, content in chunks if kind == b"tEXt"]
    return MARK in texts or (not texts and (b"pHYs", BEFORE_MARKS) in chunks)


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of what stands before a PNG's pixels."""
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IDAT" or length > LONGEST:
            return
        yield kind, file.read(length)
        file.read(4)  # a checksum
