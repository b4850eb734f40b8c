"""Far more files of results than may be open at once."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sweep.store.folder import Folder
from sweep.store.known import frame, known
from sweep.store.names import checksum, part_name
from sweep.store.parquet import packed
from tests.faults.laboratory import Laboratory, grid_of, text_of

pytestmark = pytest.mark.slow

PARTS = 200
FILES = 50
"""What may be open beside what is open already."""


@contextmanager
def few_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path("/dev/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(highest + FILES, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_more_files_of_results_than_may_be_open_are_read_and_merged(
    laboratory: Laboratory,
) -> None:
    laboratory.write(text_of(f"x = {{ lin = [0, 1], n = {PARTS} }}\ny = [1]\ntarget_error = [0.1]"))
    laboratory.run_here()
    (laboratory.folder / "log").unlink()
    folder, grid = Folder(laboratory.results, "grid"), grid_of(laboratory.text)
    split(folder)
    with few_files():
        assert len(known(folder, pytest.fail).ids) == PARTS
        assert frame(grid, folder, pytest.fail)["status"].notna().all()
        assert not laboratory.run_here()
    assert not laboratory.computed()
    laboratory.expect_results()
    assert len(list(laboratory.rows_folder.iterdir())) == 1


def split(folder: Folder) -> None:
    """Make a file of every row."""
    (whole,) = folder.parts()
    table = folder.read(None, pytest.fail)
    whole.unlink()
    for i in range(len(table)):
        content = packed(table.slice(i, 1), {"sweep_format": "1"})
        (folder.path / part_name(checksum([content]))).write_bytes(content)
