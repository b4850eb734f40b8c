"""The results of one grid: a folder of Parquet files, and nothing else.

Whatever is not finished lies beside it, in ``<results>/.sweep/<grid>``: files that are being
written, locks, damaged files that were set aside, and the journal of a compaction.

What a user has put into the folder stays where it is. Sweep moves and removes only what it has
written itself.

All files of a folder have the same columns, since some readers take those of the first file for
those of all.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from errno import EACCES, EPERM
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import UsageError, Warn
from sweep.models.status import FAILED
from sweep.store import parquet
from sweep.store.compaction import Compaction
from sweep.store.files import sync_names
from sweep.store.ground import make_folder, refuse_obstacle, whose
from sweep.store.names import ASIDE, RUN_LOCK, is_part, part_name
from sweep.store.parquet import DamagedFile
from sweep.store.place import Place

STEADY_TRIES = 20
"""A reader starts over this often while files come and go."""


@dataclass
class Folder:
    """results: the folder of all results; name: the grid's."""

    results: Path
    name: str
    _place: Place | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def path(self) -> Path:
        """Where the rows are."""
        return self.results / self.name

    @cached_property
    def aside(self) -> Path:
        """Where everything is that is not rows: on the same disk, also if `path` is a link."""
        path = Path(os.path.realpath(self.path))
        return path.parent / ASIDE / path.name

    def parts(self) -> list[Path]:
        """The files that hold the rows, oldest first; during a compaction, what it comes to.

        Raises UsageError where the system does not let us look.
        """
        found = {path.name: path for path in self._entries() if is_part(path)}
        with self._being_read():
            foreseen = self._compaction.foreseen(found)
        return [foreseen[name] for name in sorted(foreseen)]

    def strays(self) -> list[Path]:
        """What is among the results and none of them, over which other readers may stumble."""
        return [path for path in self._entries() if not is_part(path)]

    def prepare(self) -> None:
        """Make the folders. Raises UsageError where they are a user's, or cannot be written.

        There is no lock yet, so this may be at any step of what others do to the same folders.
        """
        self._refuse_one_of_others()
        refuse_obstacle(self.aside)
        with self.being_written():
            self.path.mkdir(parents=True, exist_ok=True)
            make_folder(self.aside.parent, like=self.aside.parent.parent)
            make_folder(self.aside, like=self.path)
            for made in (self.path, self.aside, self.results):
                with suppress(OSError):  # a help against power cuts, where it can be had
                    sync_names(made.parent)
            probe = self.aside / f"probe-{uuid.uuid4().hex}.tmp"
            probe.touch()
            # Another run, one that holds the lock, may clear it away first.
            probe.unlink(missing_ok=True)
            if self._refused() is not None:
                raise PermissionError(EACCES, os.strerror(EACCES))
            # What is written aside must be a rename away from where it is read.
            if self.aside.stat().st_dev != self.path.stat().st_dev:
                raise OSError(f"{self.aside} is not on the same disk")
            self._place = Place(self.path, self.aside)

    def check_place(self) -> None:
        """Raise UsageError where the folders are not those any more that `prepare` has found."""
        if self._place is not None:
            self._place.check()

    @contextmanager
    def being_written(self) -> Iterator[None]:
        """A context in which an error of the disk is one that the user can put right."""
        try:
            yield
        except OSError as error:
            self.check_place()
            why = os.strerror(error.errno) if error.errno else str(error)
            refused = self._refused() or _sticky(error)
            owner = whose(refused) if refused is not None else ""
            raise UsageError(
                f"{self.path}: cannot be written ({why}{owner}); what is there stays good; run "
                "again when that is put right, or with another folder for --results"
            ) from error

    def _refused(self) -> Path | None:
        """The folder, of those that there are, to which the system does not let us write."""
        for folder in (self.path, self.aside):
            there = next((p for p in (folder, *folder.absolute().parents) if p.exists()), folder)
            if not os.access(there, os.W_OK | os.X_OK):
                return there
        return None

    def schema_with(self, wanted: pa.Schema) -> pa.Schema:
        """`wanted`, and after it the columns that files of this folder have beside those."""
        schemas = []
        for part in self.parts():
            with suppress(DamagedFile):  # which a reader leaves out, and `repair` sets aside
                schemas.append(parquet.schema_of(part))
        try:
            return pa.unify_schemas([wanted, *schemas], promote_options="permissive")
        except pa.ArrowException as error:
            raise UsageError(
                f"{self.path}: holds columns of other types ({str(error).splitlines()[0]}); "
                "choose another folder with --results, or another name for the grid file"
            ) from error

    def write(self, table: pa.Table, metadata: dict[str, str]) -> Path:
        """Add a file of rows, to the folder that `prepare` has found, also if it was moved."""
        place = self._place or Place(self.path, self.aside)
        name = part_name()
        place.publish(name, parquet.packed(table, metadata))
        return self.path / name

    def repair(self, warn: Warn) -> None:
        """Finish an interrupted compaction, clear away unfinished files, set damaged ones aside.

        Only for who holds the lock of the folder alone.
        """
        self._compaction.finish()
        for stray in self.aside.glob("*.tmp"):
            stray.unlink(missing_ok=True)
        for part in self.parts():
            try:
                parquet.check(part)
            except DamagedFile as damage:
                target = self._set_aside(part)
                warn(f"{part}: {damage}; moved to {target}, its cells are computed again")

    def read(self, columns: Sequence[str] | None, warn: Warn) -> pa.Table | None:
        """All rows, or None where there are none; one row a cell.

        A column that a file does not have is null there. A damaged file is left out with a warning.
        """
        if columns is not None:
            columns = [*dict.fromkeys(["cell_id", "status", *columns])]
        tables, damaged = self._loaded(columns)
        for line in damaged:
            warn(f"{line}; left out, the next `sweep run` computes its cells again")
        return _one_row_a_cell(_concatenated(tables)) if tables else None

    def compact(
        self,
        schema: pa.Schema,
        metadata: dict[str, str],
        drop: pa.Array | None = None,
    ) -> None:
        """Merge all files into one of this schema, without the rows with a cell_id in `drop`.

        Nothing happens where it would change nothing. Only for who holds the lock alone, after
        `repair`.
        """
        parts = self.parts()
        alike = all(parquet.schema_of(part) == schema for part in parts)
        if len(parts) < 2 and alike and drop is None:
            return
        merged = _one_row_a_cell(_concatenated([parquet.load(part) for part in parts]))
        if drop is not None:
            merged = merged.filter(pc.invert(pc.is_in(merged["cell_id"], value_set=drop)))
        table = conformed(merged, schema)
        history = parquet.merged_metadata(metadata, parts)

        def write(path: Path) -> None:
            path.write_bytes(parquet.packed(table, history))
            parquet.check(path)

        self._compaction.replace([part.name for part in parts], write)

    def is_compacting(self) -> bool:
        """Whether a compaction is under way, or was interrupted."""
        with self._being_read():
            return self._compaction.pending() is not None

    @property
    def _compaction(self) -> Compaction:
        return Compaction(self.path, self.aside)

    def _entries(self) -> list[Path]:
        """All that is in the folder, in the order of names."""
        with self._being_read():
            try:
                found = sorted(self.path.iterdir())
            except (FileNotFoundError, NotADirectoryError):
                refuse_obstacle(self.path)
                return []
        # Not an open file that was removed on a network disk; it goes by itself.
        return [path for path in found if not path.name.startswith(".nfs")]

    @contextmanager
    def _being_read(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            what = error.filename or self.path
            raise UsageError(
                f"{what}: cannot be read ({why}{whose(Path(what))}); put that right, or choose "
                "another folder with --results"
            ) from error

    def _refuse_one_of_others(self) -> None:
        """Raise UsageError where the folder holds files and none of sweep's own.

        Hidden ones do not count, since a folder that looks empty may hold some.
        """
        there = [path.name for path in self._entries() if not path.name.startswith(".")]
        used = False
        with suppress(OSError):  # what cannot be looked into is said by who writes there
            used = (self.aside / RUN_LOCK).exists()  # its results may all have been removed
        if not there or used or self.is_compacting() or any(map(parquet.is_own, self.parts())):
            return
        names = ", ".join([*there[:3], *(["…"] if there[3:] else [])])
        raise UsageError(
            f"{self.path}: is where the results would be, but holds files ({names}) and none of "
            "sweep's own; move them elsewhere, or choose another folder with --results or another "
            "name for the grid file"
        )

    def _loaded(self, columns: Sequence[str] | None) -> tuple[list[pa.Table], list[str]]:
        """The tables of all parts, and a line for each one that is damaged."""
        found: tuple[list[pa.Table], list[str]] | None = None
        for tries_left in reversed(range(STEADY_TRIES)):
            before = self.parts()
            damaged: list[str] = []
            try:
                tables = [_load(part, columns, damaged.append) for part in before]
            except FileNotFoundError as error:
                if not tries_left and found is None:
                    raise UsageError(f"{self.path}: cannot be read ({error}); try again") from error
                continue
            found = [table for table in tables if table is not None], damaged
            if self.parts() == before:
                break
        assert found is not None
        return found

    def _set_aside(self, path: Path) -> Path:
        target = self.aside / "damaged" / f"{uuid.uuid4().hex[:8]}-{path.name}"
        target.parent.mkdir(exist_ok=True)
        return path.rename(target)


def _sticky(error: OSError) -> Path | None:
    """The file of another user's that may not be moved, though its folder may be written to."""
    there = error.errno == EPERM and error.filename and Path(error.filename).exists()
    return Path(error.filename) if there else None


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows with the columns of `schema`; one that the table lacks is null."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _load(part: Path, columns: Sequence[str] | None, tell: Warn) -> pa.Table | None:
    try:
        return parquet.load(part, columns)
    except DamagedFile as damage:
        tell(f"{part}: {damage}")
        return None


def _concatenated(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables, promote_options="permissive")


def _one_row_a_cell(table: pa.Table) -> pa.Table:
    """The table without second rows of a cell, which two runs that no lock kept apart leave.

    A row that failed gives way to one that did not, a later file to an earlier one.
    """
    if pc.count_distinct(table["cell_id"]).as_py() == len(table):
        return table
    ids = table["cell_id"].to_numpy()
    failed = pc.equal(table["status"], FAILED.word).to_numpy()
    best_first = np.argsort(failed, kind="stable")
    _, first = np.unique(ids[best_first].astype("S"), return_index=True)
    return table.take(np.sort(best_first[first]))
