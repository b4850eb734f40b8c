"""The results of one grid: a folder of Parquet files, and nothing else.

Whatever is not finished lies beside it, in ``<results>/.sweep/<grid>``: files that are being
written, locks, damaged files that were set aside, and the journal of a compaction.

Compaction merges the parts into one file. No order of renames and removals does that at once, so
it is journalled: the merged file is complete before the first part leaves the folder, and whoever
opens the folder next carries an interrupted compaction to its end. In between a reader may miss
rows, but never sees one twice, and none is lost.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import EACCES
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sweep.errors import UsageError
from sweep.store.files import publish, sync
from sweep.store.metadata import FORMAT

SUFFIX = ".parquet"

Warn = Callable[[str], None]


@dataclass(frozen=True)
class Folder:
    """results: the folder of all results; name: the grid's."""

    results: Path
    name: str

    @property
    def path(self) -> Path:
        """Where the rows are."""
        return self.results / self.name

    @property
    def aside(self) -> Path:
        """Where everything is that is not rows."""
        return self.results / ".sweep" / self.name

    def parts(self) -> list[Path]:
        """The files of rows, oldest first."""
        if not self.path.is_dir():
            return []
        return sorted(path for path in self.path.iterdir() if path.suffix == SUFFIX)

    def prepare(self) -> None:
        """Make the folders. Raises UsageError where they cannot be written."""
        try:
            for folder in (self.path, self.aside):
                folder.mkdir(parents=True, exist_ok=True)
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise PermissionError(EACCES, os.strerror(EACCES))
            probe = self.aside / f"probe-{uuid.uuid4().hex}.tmp"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise UsageError(
                f"{self.path}: cannot be written ({error.strerror}); "
                "choose another folder with --results"
            ) from error

    def write(self, table: pa.Table, metadata: dict[str, str]) -> Path:
        """Add a file of rows."""
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        name = f"part-{now}-{uuid.uuid4().hex[:8]}{SUFFIX}"
        publish(
            self.path / name, self.aside / f"{name}.tmp", lambda path: _save(table, metadata, path)
        )
        return self.path / name

    def repair(self, warn: Warn) -> None:
        """Finish an interrupted compaction, clear away unfinished files, set damaged ones aside.

        Only for who holds the lock of the folder.
        """
        self._finish_compaction()
        for stray in self.aside.glob("*.tmp"):
            stray.unlink(missing_ok=True)
        for stray in self.path.iterdir():
            if stray.suffix != SUFFIX:
                self._set_aside(stray, "not a results file", warn)
        for part in self.parts():
            try:
                _check(part)
            except DamagedFile as damage:
                self._set_aside(part, str(damage), warn)

    def read(self, columns: Sequence[str] | None, warn: Warn) -> pa.Table | None:
        """All rows, or None where there are none; one row a cell.

        A column that a file does not have is null there. A damaged file is left out with a warning.
        """
        tables = []
        for part in self.parts():
            try:
                tables.append(_load(part, columns))
            except DamagedFile as damage:
                warn(f"{part}: {damage}; left out, the next `sweep run` computes its cells again")
        if not tables:
            return None
        return pa.concat_tables(tables, promote_options="default")

    def compact(self, metadata: dict[str, str], drop: pa.Array | None = None) -> None:
        """Merge all files into one, without the rows whose cell_id is in `drop`.

        Only for who holds the lock of the folder alone.
        """
        parts = self.parts()
        if len(parts) < 2 and drop is None:
            return
        merged = pa.concat_tables([_load(part, None) for part in parts], promote_options="default")
        if drop is not None:
            merged = merged.filter(pc.invert(pc.is_in(merged["cell_id"], value_set=drop)))
        name = f"cells-{uuid.uuid4().hex}{SUFFIX}"
        publish(
            self.aside / name,
            self.aside / f"{name}.tmp",
            lambda path: _save(merged, metadata, path),
        )
        journal = {"into": name, "replaces": [part.name for part in parts]}
        publish(
            self._journal,
            self.aside / "compaction.tmp",
            lambda path: _write_text(path, json.dumps(journal)),
        )
        self._finish_compaction()

    def is_compacting(self) -> bool:
        """Whether a compaction is under way, or was interrupted."""
        return self._journal.exists()

    @property
    def _journal(self) -> Path:
        return self.aside / "compaction.json"

    def _finish_compaction(self) -> None:
        if self._journal.exists():
            journal = json.loads(self._journal.read_text())
            source = self.aside / journal["into"]
            replaced = [self.path / name for name in journal["replaces"]]
            for part in replaced:
                if part.exists():
                    part.rename(self.aside / f"{part.name}.replaced")
            if source.exists():
                source.rename(self.path / source.name)
            sync(self.path)
            self._journal.unlink()
            sync(self.aside)
        for leftover in (*self.aside.glob("*.replaced"), *self.aside.glob(f"cells-*{SUFFIX}")):
            leftover.unlink(missing_ok=True)

    def _set_aside(self, path: Path, why: str, warn: Warn) -> None:
        damaged = self.aside / "damaged"
        damaged.mkdir(exist_ok=True)
        target = damaged / f"{uuid.uuid4().hex[:8]}-{path.name}"
        path.rename(target)
        warn(f"{path}: {why}; moved to {target}, its cells are computed again")


class DamagedFile(Exception):
    """A results file that cannot be read."""


def _save(table: pa.Table, metadata: dict[str, str], path: Path) -> None:
    pq.write_table(
        table.replace_schema_metadata(metadata),
        path,
        compression="zstd",
        write_page_checksum=True,
    )


def _load(path: Path, columns: Sequence[str] | None) -> pa.Table:
    """The rows of a file. Raises DamagedFile, or UsageError where it is of a later format."""
    with _reading(path) as file:
        _check_format(path, file.schema_arrow.metadata or {})
        wanted = None
        if columns is not None:
            wanted = [name for name in columns if name in file.schema_arrow.names]
        return file.read(columns=wanted).replace_schema_metadata()


def _check(path: Path) -> None:
    """Read all of a file, a row group at a time, so that any damage shows."""
    with _reading(path) as file:
        _check_format(path, file.schema_arrow.metadata or {})
        for group in range(file.num_row_groups):
            file.read_row_group(group)


class _reading:
    """Open a Parquet file; whatever goes wrong while it is read says DamagedFile."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> pq.ParquetFile:
        try:
            self.file = pq.ParquetFile(self.path, page_checksum_verification=True)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise DamagedFile(_one_line(error)) from error
        return self.file

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.file.close()
        if isinstance(error, pa.ArrowException | OSError):
            raise DamagedFile(_one_line(error)) from error


def _check_format(path: Path, metadata: dict[bytes, bytes]) -> None:
    if b"sweep_format" not in metadata:
        raise UsageError(f"{path}: was not written by sweep; move it out of the results folder")
    found = int(metadata[b"sweep_format"])
    if found > FORMAT:
        version = metadata.get(b"sweep_version", b"?").decode()
        raise UsageError(
            f"{path}: was written by sweep {version} in a later format ({found}; this version "
            f"reads up to {FORMAT}); update sweep, or choose another folder with --results"
        )


def _one_line(error: BaseException) -> str:
    return f"damaged ({str(error).splitlines()[0][:120] if str(error) else type(error).__name__})"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text)
