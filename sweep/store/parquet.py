"""One Parquet file of rows: packed with checksums, read with every doubt.

A file that cannot be understood is damaged, if its name says that sweep has written it; else it is
a user's. One that the system does not let us read (permissions, a failing disk) is neither, since
setting it aside would throw good rows away. Nor is one that is as it was written, by its checksum:
where something speaks against it all the same, a different version of the model has written it, or
of Arrow.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from sweep.errors import UsageError
from sweep.store.metadata import FORMAT
from sweep.store.names import checksum, checksum_in, is_own_name
from sweep.store.soundness import (
    ALWAYS,
    IDENTITY,
    JUDGED,
    plain,
    problem_of_columns,
    problem_of_rows,
)

ROW_GROUP = 1 << 18
"""So many rows at most are together in a file, and so in memory where files are merged."""

CHUNK = 1 << 20
"""Bytes that are read at once."""

ELSEWHERE = "move it out of the folder, or choose another folder with --results"

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}
"""What there is beside files."""


Made = dict[str, str]
"""What a file says of how rows were made."""

TIMES = ("since", "written")


HERE = {"use_threads": False}
"""Files are read in the thread that asks, without a buffer that others fill. One of Arrow's own may
let go of it after the answer; if the interpreter is at its end, that takes the process down."""


class DamagedFile(Exception):
    """A file that sweep has written and that cannot be understood."""


def packed(table: pa.Table, metadata: dict[str, str]) -> bytes:
    """Rows as the content of a file."""
    content = BytesIO()
    write([table], table.schema, metadata, content)
    return content.getvalue()


def write(
    tables: Iterable[pa.Table], schema: pa.Schema, metadata: dict[str, str], to: IO[bytes]
) -> None:
    """Write tables of these columns as the content of a file, which says also when that was."""
    written = {"written": datetime.now(UTC).isoformat(timespec="seconds")}
    with pq.ParquetWriter(
        to,
        schema.with_metadata(metadata | written),
        compression="zstd",
        write_page_checksum=True,
    ) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=ROW_GROUP)


def load(
    path: Path, columns: Sequence[str] | None = None, declared: pa.Schema | None = None
) -> pa.Table:
    """The rows of a file, in plain types; of `columns`, those that it has, and some more.

    declared: the columns of the model. Raises DamagedFile, FileNotFoundError, or UsageError where
    it is not sweep's, not for this version to read, or cannot be read.
    """
    with _opened(path) as file:
        table = file.read(None if columns is None else _wanted(file, columns), **HERE)
        return _judged(path, table, declared).replace_schema_metadata()


def groups(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The rows of a file, a row group after the other; columns as of `load`. Raises as that."""
    with _opened(path) as file:
        wanted = None if columns is None else _wanted(file, columns)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, wanted, **HERE)
            yield _judged(path, table, None).replace_schema_metadata()


def some_rows(path: Path, columns: Sequence[str], model: str) -> pa.Table | None:
    """Some rows of a file, a row group at most; None where they are not of this model.

    Of `columns` those that it has, in plain types. Raises as `load`.
    """
    with _opened(path) as file:
        if _metadata(file).get("model") != model or not file.num_row_groups:
            return None
        names = [name for name in columns if name in file.schema_arrow.names]
        return plain(file.read_row_group(file.num_row_groups // 2, names, **HERE))


def _wanted(file: pq.ParquetFile, columns: Sequence[str]) -> list[str]:
    names = file.schema_arrow.names
    return [name for name in dict.fromkeys((*JUDGED, *columns)) if name in names]


def check(path: Path, declared: pa.Schema | None = None) -> None:
    """See that a file is whole and its rows can be true, a row group at a time. Raises as `load`.

    What has no checksum is read to its end, and compared with the columns that are declared.
    """
    columns = None
    if is_sealed(path):
        columns, declared = JUDGED, None
    with _opened(path) as file:
        _history(_metadata(file))
        for group in range(file.num_row_groups):
            _judged(path, file.read_row_group(group, columns, **HERE), declared)


def schema_of(path: Path) -> pa.Schema:
    """The columns of a file. Raises as `load`."""
    with _opened(path) as file:
        return file.schema_arrow.remove_metadata()


def is_own(path: Path) -> bool:
    """Whether sweep has written a file, going by its name or by what it says of itself."""
    if is_own_name(path.name):
        return True
    try:
        if not path.is_file():  # a pipe would wait for ever
            return False
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:
            return b"sweep_format" in (file.schema_arrow.metadata or {})
    except (pa.ArrowException, OSError, ValueError):
        return False


def metadata_of(path: Path) -> dict[str, str]:
    """What a file says of its making. Raises as `load`."""
    with _opened(path) as file:
        return _metadata(file)


def makers(files: Iterable[Made]) -> list[Made]:
    """Who has made the rows of files with these metadata: what each said, the latest last.

    `since` and `written` are when they wrote the first and the last of them; files that an earlier
    version has merged do not tell. Who has merged files has made no row. Raises ValueError.
    """
    found: dict[frozenset[tuple[str, str]], Made] = {}
    for metadata in files:
        for made in _history(metadata):
            key = frozenset((name, text) for name, text in made.items() if name not in TIMES)
            found[key] = _one_maker(found[key], made) if key in found else made
    return sorted(found.values(), key=lambda made: made.get("written", ""))


def _one_maker(one: Made, other: Made) -> Made:
    since = {made["since"] for made in (one, other) if "since" in made}
    written = {made["written"] for made in (one, other) if "written" in made}
    times = {"since": min(since), "written": max(written)} if since and written else {}
    return one | times


def merged_metadata(metadata: dict[str, str], parts: Sequence[Path]) -> dict[str, str]:
    """Metadata of a file merged from parts: `history` keeps what these say of their making."""
    return made_by(metadata, makers(map(metadata_of, parts)))


def made_by(metadata: Made, made: Sequence[Made]) -> Made:
    """Metadata of a file whose rows others have made."""
    return metadata | {"history": json.dumps(made)}


def _history(metadata: dict[str, str]) -> list[Made]:
    """How the rows of a file were made. Raises ValueError."""
    if "history" not in metadata:
        times = {name: metadata["written"] for name in TIMES if "written" in metadata}
        return [metadata | times]
    made = json.loads(metadata["history"])
    if not (isinstance(made, list) and all(isinstance(one, dict) for one in made)):
        raise ValueError("with a history that is none")
    return made


def _metadata(file: pq.ParquetFile) -> dict[str, str]:
    found = file.schema_arrow.metadata or {}
    return {key.decode(): value.decode() for key, value in found.items()}


def _judged(path: Path, table: pa.Table, declared: pa.Schema | None) -> pa.Table:
    """The table in plain types. Raises DamagedFile for one that sweep has not written so."""
    table = plain(table)
    problem = problem_of_columns(table.schema, ALWAYS) or problem_of_rows(table)
    if problem:
        raise DamagedFile(f"damaged ({problem})")
    problem = problem_of_columns(table.schema, declared) if declared is not None else ""
    if problem and is_sealed(path):
        raise UsageError(
            f"{path}: {problem}, so another version of the model has written it; choose another "
            "folder with --results, or another name for the grid file"
        )
    if problem:
        raise DamagedFile(f"damaged ({problem})")
    return table


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        _refuse_what_is_no_file(path)
        with path.open("rb", buffering=0) as stream, _understood(path, stream) as file:
            yield file
    except FileNotFoundError as error:
        if path.is_symlink():
            raise UsageError(
                f"{path}: is a link to {path.readlink()}, which is not there; bring that back, or "
                "remove the link, so that its cells are computed again"
            ) from error
        raise
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error})") from error


def _refuse_what_is_no_file(path: Path) -> None:
    """Raise UsageError for what may wait for ever, or never end, when it is opened."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        what = KINDS.get(stat.S_IFMT(mode), "something else")
        raise UsageError(f"{path}: is not a file of results (it is {what}); {ELSEWHERE}")


@contextmanager
def _understood(path: Path, stream: IO[bytes]) -> Iterator[pq.ParquetFile]:
    """The file's content; whatever cannot be made of it is damage, or not sweep's."""
    sealed = is_sealed(path)
    if sealed and checksum(_chunks(stream)) != checksum_in(path.name):
        raise DamagedFile("damaged (its checksum is another)")
    stream.seek(0)
    try:
        with pq.ParquetFile(
            stream, pre_buffer=False, page_checksum_verification=not sealed
        ) as file:
            _check_format(path, file.schema_arrow.metadata or {})
            names = file.schema_arrow.names
            if not set(IDENTITY) <= set(names) or len(set(names)) < len(names):
                raise ValueError("without the columns cell_id and status")
            yield file
    except (pa.ArrowException, OSError, ValueError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        lines = str(error).splitlines() or [type(error).__name__]
        why = lines[0][:120]
        if sealed:  # too little memory, or a codec that this Arrow lacks
            raise UsageError(f"{path}: cannot be read ({why})") from error
        if not is_own_name(path.name):
            raise UsageError(f"{path}: is not a file of results ({why}); {ELSEWHERE}") from error
        raise DamagedFile(f"damaged ({why})") from error


def _chunks(stream: IO[bytes]) -> Iterator[memoryview]:
    """All bytes of a file, each time in the same memory, since new memory costs more than they."""
    memory = memoryview(bytearray(CHUNK))
    while size := stream.readinto(memory):  # type: ignore[attr-defined]
        yield memory[:size]


def is_sealed(path: Path) -> bool:
    """Whether the name of a file says what its content is to be."""
    return checksum_in(path.name) is not None


def _check_format(path: Path, metadata: dict[bytes, bytes]) -> None:
    if b"sweep_format" not in metadata:
        if is_own_name(path.name):
            raise ValueError("without the metadata of sweep")
        raise UsageError(f"{path}: was not written by sweep; {ELSEWHERE}")
    found = int(metadata[b"sweep_format"])
    if found > FORMAT:
        version = metadata.get(b"sweep_version", b"?").decode()
        raise UsageError(
            f"{path}: was written by sweep {version} in a later format ({found}; this version "
            f"reads up to {FORMAT}); update sweep, or choose another folder with --results"
        )
