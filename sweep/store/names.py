"""What files of results are called, so that they can be told from a user's own."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from pathlib import Path

from sweep.grid.names import RESERVED

SUFFIX = ".parquet"

RUN_LOCK = "run.lock"
"""What whoever runs a grid holds, beside its results; so it is there once one has run."""

ASIDE = RESERVED
"""The folder, beside those of the results, of all that is not finished."""

REPLACED = ".replaced"
"""The ending of a file that has left the folder and is not yet removed."""

_OWN = re.compile(
    r"(part-\d{8}T\d{12}-[0-9a-f]{8}|cells-[0-9a-f]{32})\.parquet(\.replaced)?", re.ASCII
)


def part_name() -> str:
    """A name for some more rows; in the order of names they come as they were written."""
    return f"part-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}{SUFFIX}"


def merged_name() -> str:
    """A name for the rows of several files in one."""
    return f"cells-{uuid.uuid4().hex}{SUFFIX}"


def is_own_name(name: str) -> bool:
    """Whether a file of this name is sweep's, even if nothing can be made of its content."""
    return _OWN.fullmatch(name) is not None


def is_part(path: Path) -> bool:
    """Whether readers of the folder take a file for one of rows."""
    return path.suffix == SUFFIX and not path.name.startswith((".", "_"))
