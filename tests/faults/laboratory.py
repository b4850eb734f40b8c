"""What the tests of faults have in common: a place to run `sweep` in, and to judge its results."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from rich.console import Console

from sweep import models
from sweep.grid import Grid
from sweep.grid.read import parse_grid
from sweep.runner.session import Settings, run
from tests.faults import model

SCRIPT = Path(__file__).with_name("sweep_with_faults.py")
PATIENCE_S = 120
"""What takes this long will never come to pass."""

QUICK = {
    "sweep.store.writer.FIRST_INTERVAL_S": 0.1,
    "sweep.runner.worker.LONGEST_BATCH_S": 0.2,
    "sweep.runner.plan.LARGEST_BATCH_S": 0.2,
}
"""So that the last seconds that may be lost are tenths of a second."""

PATIENT = {**QUICK, "sweep.runner.signals.GRACE_S": PATIENCE_S / 2}
"""So that no worker, however slow, is too slow to hand in what it has computed."""

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER = 1, 2, 3
"""From Linux's headers."""

Row = tuple[Any, ...]
AXES = "x = { lin = [0, 1], n = 20 }\ny = { int = [1, 5] }\ntarget_error = [0.1, 0.01]"


def text_of(axes: str = AXES, **fixed: object) -> str:
    """A grid file."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in fixed.items()]
    return "\n".join(['model = "faulty"', "[fixed]", *lines, "[axes]", axes, ""])


@dataclass
class Laboratory:
    """A folder with a grid file, the results, and a log of what was computed."""

    folder: Path
    text: str = field(default_factory=text_of)
    patch: Mapping[str, float] = field(default_factory=lambda: dict(QUICK))
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.write(self.text)

    @property
    def results(self) -> Path:
        return self.folder / "results"

    @property
    def rows_folder(self) -> Path:
        return self.results / "grid"

    @property
    def aside(self) -> Path:
        return self.results / ".sweep" / "grid"

    def write(self, text: str) -> None:
        """Change the grid file."""
        self.text = text
        (self.folder / "grid.toml").write_text(text, encoding="utf-8")

    def start(
        self, *words: object, step: str = "", under: Sequence[str] = (), **how: Any
    ) -> subprocess.Popen[str]:
        """Start `sweep run`, or what `words` say, in a process group of its own.

        under: the command that starts it, in other surroundings.
        """
        if not words or str(words[0]).startswith("-"):
            words = ("run", "grid.toml", *words)
        process = subprocess.Popen(
            [*under, sys.executable, str(SCRIPT), *map(str, words)],
            cwd=self.folder,
            env={**self.environment(step), **how.pop("env", {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **how,
        )
        self.started.append(process)
        return process

    def close(self) -> None:
        """End what a test has left at work, where it broke off."""
        for process in self.started:
            with suppress(ProcessLookupError):  # workers may have outlived their run
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def environment(self, step: str = "") -> dict[str, str]:
        """What a process that stands in for `sweep` is to know."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLURM_")},
            model.LOG: str(self.folder / "log"),
            "SWEEP_TEST_PATCH": json.dumps(self.patch),
            "SWEEP_TEST_STEP": step,
        }

    def run(self, *words: object, code: int = 0, **how: Any) -> str:
        """Run `sweep` to its end, and give what it said on stderr."""
        return ended(self.start(*words, **how), code)

    def output(self, *words: object, code: int = 0) -> str:
        """Run `sweep` to its end, and give its output."""
        process = self.start(*words)
        answer, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code, said
        return answer

    def computed(self) -> Counter[str]:
        """How often each trajectory was computed to its end."""
        log = self.folder / "log"
        return Counter(log.read_text().split("\n")[:-1] if log.exists() else ())

    def saved(self) -> set[str]:
        """The trajectories that a reader finds."""
        if not any(self.rows_folder.glob("*.parquet")):
            return set()
        table = ds.dataset(self.rows_folder, format="parquet").to_table(columns=["x", "y"])
        return {f"{row['x']!r} {float(row['y'])!r}" for row in table.to_pylist()}

    def wait_for(self, happened: Callable[[], object], process: subprocess.Popen[str]) -> None:
        """Wait for something to happen while a process is at work."""
        end = time.monotonic() + PATIENCE_S
        while not happened():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end, "this will never come to pass"
            time.sleep(0.01)

    def wait_for_parts(self, process: subprocess.Popen[str], number: int = 1) -> None:
        """Wait until a run has saved something."""
        self.wait_for(lambda: len(list(self.rows_folder.glob("part-*"))) >= number, process)

    def run_here(self, **settings: Any) -> list[str]:
        """Run in this very process, and give what was said to the user."""
        chosen = {"backend": "threading", "jobs": 50, **settings}
        said: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(model.LOG, str(self.folder / "log"))
            run(
                grid_of(self.text),
                Settings(self.results, **chosen),
                Console(quiet=True),
                said.append,
            )
        return said

    def expect_whole(self, known: Collection[str] = ()) -> list[str]:
        """Run to the end; the results are those of a run that nothing happened to.

        known: the trajectories that were saved before, and so must not be computed again.
        """
        before = self.computed()
        said = self.run_here()
        again = {one for one in known if self.computed()[one] > before[one]}
        assert not again, "computed again"
        self.expect_results()
        return said

    def expect_results(self, extra: int = 0) -> None:
        """All readers find the rows of an uninterrupted run, and nothing unfinished is left."""
        expected = reference(self.text)
        found = contents(self.rows_folder)
        assert len(found) == len(expected) + extra
        assert {key: found[key] for key in expected} == expected
        assert all(path.suffix == ".parquet" for path in self.rows_folder.iterdir())
        unfinished = [p for p in self.aside.iterdir() if p.suffix in (".tmp", ".replaced", ".json")]
        assert not unfinished


def powerless() -> None:
    """Have a process that is about to start heed permissions, also if it is root's."""
    if sys.platform == "linux":
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER):
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def ended(process: subprocess.Popen[str], code: int) -> str:
    """Wait for the end of a process, and give what it said on stderr."""
    try:
        _, said = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert process.returncode == code, said
    for noise in ("Traceback", "Warning", "leaked"):
        assert noise not in said, said
    return said


def grid_of(text: str) -> Grid:
    """The grid that the text says, of the model of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(models.MODELS, "faulty", model.__name__)
        return parse_grid(Path("grid.toml"), text)


@cache
def reference(text: str) -> dict[str, Row]:
    """The rows of an uninterrupted run, by cell_id, without what they cost."""
    with TemporaryDirectory() as folder:
        laboratory = Laboratory(Path(folder), text)
        for cure in ("once", "medicine"):
            (laboratory.folder / f"log.{cure}").touch()
        laboratory.run_here()
        return contents(laboratory.rows_folder)


def contents(folder: Path) -> dict[str, Row]:
    """All rows by cell_id, the same for all readers, each cell once; all columns but wall_s."""
    table = ds.dataset(folder, format="parquet").to_table()
    rows = by_cell(table)
    assert len(rows) == len(table), "a cell with two rows"
    assert by_cell(pa.Table.from_pandas(pd.read_parquet(folder))).keys() == rows.keys()
    assert by_cell(pl.scan_parquet(folder).collect().to_arrow()) == rows
    columns = ", ".join(name for name in table.column_names if name != "wall_s")
    answer = duckdb.execute(f"select {columns} from read_parquet('{folder}/*.parquet')").fetchall()
    assert {row[0]: row[1:] for row in map(_hashable, answer)} == rows
    return rows


def by_cell(table: pa.Table) -> dict[str, Row]:
    names = [name for name in table.column_names if name not in ("cell_id", "wall_s")]
    columns = [table[name].to_pylist() for name in names]
    rows = map(_hashable, zip(*columns, strict=True))
    return dict(zip(table["cell_id"].to_pylist(), rows, strict=True))


def _hashable(row: Sequence[Any]) -> Row:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


def children(process: subprocess.Popen[str]) -> list[int]:
    """The worker processes of a run."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], stdout=subprocess.PIPE, text=True)
    workers = []
    for pid in map(int, found.stdout.split()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            continue
        if "popen_loky" in command:
            workers.append(pid)
    return workers


def wait_until_gone(pids: Sequence[int]) -> None:
    """Wait until none of these processes runs any more."""
    end = time.monotonic() + PATIENCE_S
    while any(_runs(pid) for pid in pids):
        assert time.monotonic() < end, "a worker outlives its parent"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
