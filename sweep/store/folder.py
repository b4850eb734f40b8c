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

import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import LOG, UsageError, Warn
from sweep.store import parquet
from sweep.store.compaction import Compaction
from sweep.store.files import sync_names
from sweep.store.ground import make_folder, refuse_obstacle, whose
from sweep.store.names import ASIDE, RUN_LOCK, checksum, is_part, merged_name, part_name
from sweep.store.parquet import DamagedFile, is_sealed
from sweep.store.place import Place
from sweep.store.soundness import plain_schema
from sweep.store.tables import concatenated, conformed, one_row_a_cell

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
                schemas.append(plain_schema(parquet.schema_of(part)))
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
        content = parquet.packed(table, metadata)
        name = part_name(checksum([content]))
        place.publish(name, content)
        LOG.debug(f"{self.path / name}: {len(table):,} rows, {len(content) / 1000:,.0f} kB")
        return self.path / name

    def has_other(self, metadata: dict[str, str], same: str, key: str) -> bool:
        """Whether the newest file that agrees with `metadata` in `same` has another value of `key`.

        One that says nothing of it has no other.
        """
        for part in reversed(self.parts()):
            with suppress(DamagedFile):
                found = parquet.metadata_of(part)
                if found.get(same) == metadata[same] and key in found:
                    return found[key] != metadata.get(key)
        return False

    def made(self) -> list[parquet.Made]:
        """How the rows were made, see `parquet.makers`; damaged files are passed over."""
        found = []
        for part in self.parts():
            with suppress(DamagedFile, FileNotFoundError):  # the latter where others merge
                found.append(parquet.metadata_of(part))
        return parquet.makers(found)

    def repair(self, warn: Warn, declared: pa.Schema | None = None) -> None:
        """Finish an interrupted compaction, clear away unfinished files, set damaged ones aside.

        declared: the columns of the model. Only for who holds the lock of the folder alone.
        """
        self._compaction.finish()
        for stray in self.aside.glob("*.tmp"):
            stray.unlink(missing_ok=True)
        for part in self.parts():
            try:
                parquet.check(part, declared)
            except DamagedFile as damage:
                target = self._set_aside(part)
                warn(f"{part}: {damage}; moved to {target}, its cells are computed again")

    def read(
        self, columns: Sequence[str] | None, warn: Warn, declared: pa.Schema | None = None
    ) -> pa.Table | None:
        """All rows, or None where there are none; one row a cell.

        A column that a file does not have is null there. A damaged file is left out with a warning,
        as is one whose columns are not those that are `declared` for the model.
        """
        if columns is not None:
            columns = [*dict.fromkeys(["cell_id", "status", *columns])]
        tables, damaged = self._loaded(columns, declared)
        for line in damaged:
            warn(f"{line}; left out, the next `sweep run` computes its cells again")
        return one_row_a_cell(concatenated(tables)) if tables else None

    def compact(
        self,
        schema: pa.Schema,
        metadata: dict[str, str],
        drop: pa.Array | None = None,
    ) -> None:
        """Merge all files into one of this schema, without the rows with a cell_id in `drop`.

        Nothing happens where it would change nothing. Only for who holds the lock alone, after
        `repair`. Raises UsageError where a file turns out to be damaged, and leaves all as it was.
        """
        parts = self.parts()
        try:
            if drop is None and _is_final(parts, schema):
                return
            merged = one_row_a_cell(concatenated(map(parquet.load, parts)))
            if drop is not None:
                merged = merged.filter(pc.invert(pc.is_in(merged["cell_id"], value_set=drop)))
            history = parquet.merged_metadata(metadata, parts)
            content = parquet.packed(conformed(merged, schema), history)
            name = merged_name(checksum([content]))
            self._compaction.replace([part.name for part in parts], name, content)
            LOG.debug(f"{self.path / name}: {len(merged):,} rows, merged from {len(parts)} files")
        except DamagedFile as damage:
            raise UsageError(
                f"{self.path}: a file to be merged, or the merged one, is {damage}; no file was "
                "replaced and nothing is lost; see whether the disk is failing, then run again"
            ) from damage

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

    def _loaded(
        self, columns: Sequence[str] | None, declared: pa.Schema | None
    ) -> tuple[list[pa.Table], list[str]]:
        """The tables of all parts, and a line for each one that is damaged."""
        known: dict[Path, pa.Table | str] = {}
        found: list[pa.Table | str] | None = None
        for tries_left in reversed(range(STEADY_TRIES)):
            before = self.parts()
            try:
                for part in before:
                    # Only what has come since: what a name stands for does not change.
                    if part not in known:
                        known[part] = _load(part, columns, declared)
            except FileNotFoundError as error:
                if not tries_left and found is None:
                    raise UsageError(f"{self.path}: cannot be read ({error}); try again") from error
                continue
            found = [known[part] for part in before]
            if self.parts() == before:
                break
        assert found is not None
        tables = [one for one in found if not isinstance(one, str)]
        return tables, [one for one in found if isinstance(one, str)]

    def _set_aside(self, path: Path) -> Path:
        target = self.aside / "damaged" / f"{uuid.uuid4().hex[:8]}-{path.name}"
        target.parent.mkdir(exist_ok=True)
        return path.rename(target)


def _sticky(error: OSError) -> Path | None:
    """The file of another user's that may not be moved, though its folder may be written to."""
    there = error.errno == EPERM and error.filename and Path(error.filename).exists()
    return Path(error.filename) if there else None


def _is_final(parts: Sequence[Path], schema: pa.Schema) -> bool:
    """Whether merging these files would change nothing."""
    if len(parts) != 1:
        return not parts
    (part,) = parts
    if not is_sealed(part) or parquet.schema_of(part) != schema:
        return False
    ids = parquet.load(part, ["cell_id"])["cell_id"]
    return bool(pc.count_distinct(ids).as_py() == len(ids))


def _load(part: Path, columns: Sequence[str] | None, declared: pa.Schema | None) -> pa.Table | str:
    """The rows of a file, or that it is damaged."""
    try:
        return parquet.load(part, columns, declared)
    except DamagedFile as damage:
        return f"{part}: {damage}"
