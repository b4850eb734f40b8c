"""Merging the files of a folder into one, so that it can be killed at any point.

No order of renames and removals does that at once, so it is journalled: the merged file and then
the journal are complete before the first file leaves the folder, and whoever writes to the folder
next carries an interrupted compaction to its end. In between others may miss rows, but never see
one twice, and none is lost; who knows of the journal sees all of them. A merged file that was
damaged in the meantime is given up for those that it was to replace.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sweep.store.files import publish, publish_named, sync_names
from sweep.store.names import REPLACED, SUFFIX, Checksum, merged_name
from sweep.store.parquet import DamagedFile, check

if TYPE_CHECKING:
    from typing_extensions import Buffer


@dataclass(frozen=True)
class Pending:
    """A compaction that has begun: the merged file, and the names of the files it replaces."""

    merged: Path
    replaces: frozenset[str]


@dataclass(frozen=True)
class Compaction:
    """Of the folder `path`, with everything unfinished in `aside` on the same disk."""

    path: Path
    aside: Path

    @property
    def _journal(self) -> Path:
        return self.aside / "compaction.json"

    def pending(self) -> Pending | None:
        """The compaction that is under way or was interrupted, if there is one."""
        try:
            journal = json.loads(self._journal.read_bytes())
            return Pending(self.aside / journal["into"], frozenset(journal["replaces"]))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, KeyError, TypeError):  # a damaged journal: `finish` turns back
            return Pending(self.aside / "lost", frozenset())

    def foreseen(self, found: Mapping[str, Path]) -> dict[str, Path]:
        """The files that will be there once `finish` is done, by name, from those that are now."""
        pending = self.pending()
        if pending is None:
            return dict(found)
        merged = self._merged(pending)
        if merged is None:
            return {p.name.removesuffix(REPLACED): p for p in self._replaced()} | dict(found)
        kept = {name: path for name, path in found.items() if name not in pending.replaces}
        return kept | {merged.name: merged}

    def replace(self, names: Sequence[str], write: Callable[[IO[bytes]], object]) -> str:
        """Replace the named files by one that `write` writes. Raises DamagedFile, and does nothing,
        where that does not hold what was written. Its name.
        """

        def written(path: Path) -> Path:
            with Summed(path) as stream:
                write(stream)
            return self.aside / merged_name(str(stream.checksum))

        merged = publish_named(self.aside / f"merged-{uuid.uuid4().hex}.tmp", written)
        try:
            check(merged)
        except DamagedFile:
            merged.unlink()
            raise
        text = json.dumps({"into": merged.name, "replaces": list(names)})
        publish(
            self._journal,
            self.aside / "compaction.tmp",
            lambda path: _write(path, text.encode()),
        )
        self.finish()
        return merged.name

    def finish(self) -> None:
        """Carry a pending compaction to its end, and clear away what is left of one."""
        pending = self.pending()
        if pending is not None:
            if self._is_whole(self._merged(pending)):
                self._go_on(pending)
            else:
                self._turn_back()
            sync_names(self.path)
            self._journal.unlink()
            sync_names(self.aside)
        for leftover in (*self._replaced(), *self.aside.glob(f"cells-*{SUFFIX}")):
            leftover.unlink(missing_ok=True)

    def _merged(self, pending: Pending) -> Path | None:
        """Where the merged file is: still aside, or in the folder already; None if it is lost."""
        places = (pending.merged, self.path / pending.merged.name)
        return next((place for place in places if place.exists()), None)

    def _is_whole(self, merged: Path | None) -> bool:
        """Whether the merged file can stand for the files it replaces."""
        if merged is None:
            return False
        try:
            check(merged)
        except DamagedFile:
            return False
        return True

    def _go_on(self, pending: Pending) -> None:
        for name in sorted(pending.replaces):
            if (self.path / name).exists():
                (self.path / name).rename(self.aside / f"{name}{REPLACED}")
        if pending.merged.exists():
            pending.merged.rename(self.path / pending.merged.name)

    def _turn_back(self) -> None:
        for path in self._replaced():
            path.rename(self.path / path.name.removesuffix(REPLACED))

    def _replaced(self) -> list[Path]:
        return list(self.aside.glob(f"*{REPLACED}"))


class Summed(FileIO):
    """A new file, and the checksum of what it was given to hold, from its beginning on."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "x")
        self.checksum = Checksum()

    def write(self, content: Buffer) -> int:
        """Write all of it."""
        rest = memoryview(content).cast("B")
        self.checksum.add(rest)
        size = len(rest)
        while rest:
            rest = rest[os.write(self.fileno(), rest) :]
        return size


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
