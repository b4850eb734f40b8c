"""One Parquet file of rows: packed with checksums, read with every doubt.

A file that cannot be understood is damaged, if its name says that sweep has written it; else it is
a user's. One that the system does not let us read (permissions, a failing disk) is neither, since
setting it aside would throw good rows away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sweep.errors import UsageError
from sweep.store.metadata import FORMAT
from sweep.store.names import is_own_name

ELSEWHERE = "move it out of the folder, or choose another folder with --results"


class DamagedFile(Exception):
    """A file that sweep has written and that cannot be understood."""


def packed(table: pa.Table, metadata: dict[str, str]) -> bytes:
    """Rows as the content of a file, which says in its metadata also when that was."""
    written = {"written": datetime.now(UTC).isoformat(timespec="seconds")}
    content = BytesIO()
    pq.write_table(
        table.replace_schema_metadata(metadata | written),
        content,
        compression="zstd",
        write_page_checksum=True,
    )
    return content.getvalue()


def load(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a file; of `columns`, those that it has.

    Raises DamagedFile, FileNotFoundError, or UsageError where it is not sweep's, not for this
    version to read, or cannot be read.
    """
    with _opened(path) as file:
        names = file.schema_arrow.names
        wanted = None if columns is None else [name for name in columns if name in names]
        return file.read(columns=wanted).replace_schema_metadata()


def check(path: Path) -> None:
    """Read all of a file, a row group at a time, so that any damage shows. Raises as `load`."""
    with _opened(path) as file:
        for group in range(file.num_row_groups):
            file.read_row_group(group)


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
        found = file.schema_arrow.metadata or {}
        return {key.decode(): value.decode() for key, value in found.items()}


def merged_metadata(metadata: dict[str, str], parts: Sequence[Path]) -> dict[str, str]:
    """Metadata of a file merged from parts: `history` keeps what these say of their making."""
    history: list[dict[str, str]] = []
    for part in parts:
        made = metadata_of(part)
        made.pop("written", None)
        earlier = json.loads(made.pop("history", "[]"))
        history += [one for one in (*earlier, made) if one not in history]
    return metadata | {"history": json.dumps(history)}


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: is not a file of results (nor any other file); {ELSEWHERE}")
    try:
        with (
            path.open("rb") as stream,
            pq.ParquetFile(stream, page_checksum_verification=True) as file,
        ):
            _check_format(path, file.schema_arrow.metadata or {})
            if not {"cell_id", "status"} <= set(file.schema_arrow.names):
                raise ValueError("without the columns cell_id and status")
            yield file
    except FileNotFoundError as error:
        if path.is_symlink():
            raise UsageError(
                f"{path}: is a link to {path.readlink()}, which is not there; bring that back, or "
                "remove the link, so that its cells are computed again"
            ) from error
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if number is not None:
            raise UsageError(f"{path}: cannot be read ({error})") from error
        lines = str(error).splitlines() or [type(error).__name__]
        why = lines[0][:120]
        if not is_own_name(path.name):
            raise UsageError(f"{path}: is not a file of results ({why}); {ELSEWHERE}") from error
        raise DamagedFile(f"damaged ({why})") from error


def _check_format(path: Path, metadata: dict[bytes, bytes]) -> None:
    if b"sweep_format" not in metadata:
        raise UsageError(f"{path}: was not written by sweep; {ELSEWHERE}")
    found = int(metadata[b"sweep_format"])
    if found > FORMAT:
        version = metadata.get(b"sweep_version", b"?").decode()
        raise UsageError(
            f"{path}: was written by sweep {version} in a later format ({found}; this version "
            f"reads up to {FORMAT}); update sweep, or choose another folder with --results"
        )
