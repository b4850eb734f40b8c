"""Files of results as such: how they are read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sweep.store.folder import Folder


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="tells threads by Linux's /proc")
def test_files_are_read_without_threads_that_may_outlive_the_answer(tmp_path: Path) -> None:
    """A thread that lets go of a file while the interpreter ends takes the process down."""
    folder = Folder(tmp_path, "grid")
    folder.prepare()
    columns = {f"x{i}": np.arange(50.0) for i in range(20)}
    ids = [f"{i:032x}" for i in range(50)]
    rows = pa.table({"cell_id": ids, "status": ["not_reached"] * 50, **columns})
    with folder.being_written():
        folder.write(rows, {"sweep_format": "1"})
    (part,) = folder.parts()
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom sweep.store import parquet\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        f"rows = parquet.load(Path({str(part)!r}))\n"
        f"groups = [*parquet.groups(Path({str(part)!r}))]\n"
        "assert len(rows) == 50 == sum(map(len, groups))\n"
        "print(len(os.listdir('/proc/self/task')) - before)"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "0\n"
