"""Disks that are full, read-only or elsewhere, and a merge that is killed at each of its steps."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from sweep.errors import UsageError
from sweep.store.folder import Folder
from sweep.store.known import known
from sweep.store.lock import Lock
from sweep.store.metadata import describe
from tests.faults.laboratory import (
    AXES,
    SCRIPT,
    Laboratory,
    contents,
    ended,
    powerless,
    reference,
    text_of,
)
from tests.faults.model import WARM_UP

pytestmark = pytest.mark.slow

LONG = text_of(seconds=0.01)
RUN = f"{sys.executable} {SCRIPT} run grid.toml --backend threading --jobs 1"


def in_a_small_file_system(laboratory: Laboratory, script: str) -> None:
    """Run a script of the shell that may mount, where results/ is a file system of 300 kB."""
    (laboratory.folder / "results").mkdir()
    mount = "mount -t tmpfs -o size=300k tmpfs results || exit 77\n"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount + script],
        cwd=laboratory.folder,
        env=laboratory.environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("nothing can be mounted here")
    assert done.returncode == 0, done


def test_a_full_disk_ends_the_run_and_harms_nothing(laboratory: Laboratory) -> None:
    laboratory.write(LONG)
    in_a_small_file_system(
        laboratory,
        f"""
        head -c 260k /dev/zero > results/filler
        {RUN} 2> full
        echo $? > code
        cp -r results/. full-results
        rm results/filler
        {RUN} 2> last || exit 1
        cp -r results/. results-kept
        """,
    )
    said = (laboratory.folder / "full").read_text()
    assert (laboratory.folder / "code").read_text().strip() == "2", said
    assert said.count("\n") == 1
    assert "results/grid: cannot be written" in said
    assert "No space left on device" in said
    saved = contents(laboratory.folder / "full-results" / "grid")
    assert saved.items() <= reference(LONG).items()
    shutil.rmtree(laboratory.results)
    (laboratory.folder / "results-kept").rename(laboratory.results)
    laboratory.expect_results()


def test_a_read_only_folder_is_read_and_refused(laboratory: Laboratory) -> None:
    laboratory.write(LONG)
    in_a_small_file_system(
        laboratory,
        f"""
        {RUN} --max-time 1s 2> first
        mount -o remount,ro results
        {RUN} 2> refused
        echo $? > code
        {sys.executable} {SCRIPT} status grid.toml > counted || exit 1
        mount -o remount,rw results
        {RUN} 2> last || exit 1
        cp -r results/. results-kept
        """,
    )
    said = (laboratory.folder / "refused").read_text()
    assert (laboratory.folder / "code").read_text().strip() == "2", said
    assert said.count("\n") == 1
    assert "results/grid: cannot be written (Read-only file system)" in said
    assert "missing" in (laboratory.folder / "counted").read_text()
    (laboratory.folder / "results").rmdir()
    (laboratory.folder / "results-kept").rename(laboratory.results)
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {1}


def test_a_folder_without_permission_is_refused(laboratory: Laboratory) -> None:
    laboratory.results.mkdir()
    laboratory.results.chmod(0o555)
    if os.access(laboratory.results, os.W_OK):
        laboratory.results.rmdir()
        laboratory.results.symlink_to("/proc/self")  # where nobody may write
    with pytest.raises(UsageError, match=r"results/grid: cannot be written"):
        laboratory.run_here()


def test_a_write_that_breaks_off_ends_the_run_and_harms_nothing(laboratory: Laboratory) -> None:
    laboratory.write(LONG)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    said = laboratory.run("--backend", "threading", code=2, preexec_fn=limit)
    assert said.count("\n") == 1
    assert "results/grid: cannot be written (File too large)" in said
    assert not list(laboratory.rows_folder.iterdir())
    assert not list(laboratory.aside.glob("*.tmp"))
    laboratory.expect_whole()


def test_a_merge_for_which_there_is_no_room_is_left_for_later(laboratory: Laboratory) -> None:
    laboratory.write(LONG)
    laboratory.patch = {**laboratory.patch, "sweep.store.writer.FIRST_INTERVAL_S": 0.3}

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (13_000, 13_000))

    said = laboratory.run("--backend", "threading", "--jobs", 1, preexec_fn=limit)
    assert "not merged into one" in said
    laboratory.expect_results()
    assert len(list(laboratory.rows_folder.iterdir())) > 1
    laboratory.expect_whole(known=laboratory.saved())


MOVED = text_of(seconds=0.05)


def test_results_that_are_moved_away_take_all_that_was_computed_with_them(
    laboratory: Laboratory,
) -> None:
    """Another run that is in their place by then finds nothing of it."""
    laboratory.write(MOVED)
    process = laboratory.start("--backend", "threading", "--jobs", 1)
    laboratory.wait_for_parts(process)
    elsewhere = laboratory.folder / "elsewhere"
    laboratory.results.rename(elsewhere)
    laboratory.run_here()
    said = ended(process, 2)
    assert said.count("\n") == 1
    assert f"results/grid: was moved to {elsewhere}/grid while this run was at work; what" in said
    assert f"stays in {elsewhere}/grid; " in said
    assert not list(elsewhere.glob(".sweep/grid/*.tmp"))
    laboratory.expect_results()
    laboratory.results.rename(laboratory.folder / "new")
    elsewhere.rename(laboratory.results)
    (laboratory.folder / "log").unlink()  # as both runs are in it
    laboratory.expect_whole()
    done = len(reference(laboratory.text)) // 2  # two targets a trajectory
    assert 0 < sum(laboratory.computed().values()) < done


def test_a_folder_in_the_place_of_the_results_stays_empty(laboratory: Laboratory) -> None:
    laboratory.write(MOVED)
    process = laboratory.start("--backend", "threading", "--jobs", 1)
    laboratory.wait_for_parts(process)
    elsewhere = laboratory.folder / "elsewhere"
    laboratory.rows_folder.rename(elsewhere)
    laboratory.rows_folder.mkdir()
    before = laboratory.computed().keys()
    said = ended(process, 2)
    assert said.count("\n") == 1
    assert f"results/grid: was moved to {elsewhere} while this run was at work" in said
    assert not list(laboratory.rows_folder.iterdir())
    laboratory.rows_folder.rmdir()
    elsewhere.rename(laboratory.rows_folder)
    assert before <= laboratory.saved()
    laboratory.expect_whole(known=laboratory.saved())


def test_a_folder_in_the_place_of_the_results_is_not_merged(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they are moved while the end of a run waits for that of another."""
    exclusively = Lock.exclusively
    elsewhere = laboratory.folder / "elsewhere"

    def late(self: Lock, leaving: bool = False) -> AbstractContextManager[bool]:
        if leaving:
            laboratory.rows_folder.rename(elsewhere)
            laboratory.rows_folder.mkdir()
            stays.append(min(elsewhere.iterdir()).name)
            (elsewhere / stays[0]).rename(laboratory.rows_folder / stays[0])
        return exclusively(self, leaving)

    stays: list[str] = []
    laboratory.run_here()
    laboratory.write(text_of(AXES.replace("[1, 5]", "[1, 6]")))
    monkeypatch.setattr(Lock, "exclusively", late)
    with pytest.raises(UsageError, match=rf"results/grid: was moved to {elsewhere} while"):
        laboratory.run_here()
    monkeypatch.undo()
    (part,) = laboratory.rows_folder.iterdir()
    assert [part.name] == stays
    part.rename(elsewhere / part.name)
    laboratory.rows_folder.rmdir()
    elsewhere.rename(laboratory.rows_folder)
    laboratory.expect_whole(known=laboratory.saved())


@pytest.mark.parametrize("gone", ["", "grid", ".sweep"])
def test_results_that_are_removed_under_a_run_end_it(laboratory: Laboratory, gone: str) -> None:
    laboratory.write(MOVED)
    process = laboratory.start("--backend", "threading", "--jobs", 1)
    laboratory.wait_for_parts(process)
    shutil.rmtree(laboratory.results / gone)
    said = ended(process, 2)
    assert said.count("\n") == 1
    assert "was removed, or moved to another disk, while this run was at work" in said
    laboratory.expect_whole(known=laboratory.saved())


SOMEBODY = 54_321
"""A user that no machine has."""


def somebodys(path: Path, mode: int) -> None:
    """Give a file or folder to another user."""
    if os.geteuid():
        pytest.skip("only root can give files away")
    path.chmod(mode)
    os.chown(path, SOMEBODY, SOMEBODY)


@pytest.mark.parametrize(
    ("whose", "mode"),
    [
        ("", 0o700),
        ("grid", 0o755),
        ("grid", 0o700),
        (".sweep", 0o700),
        (".sweep/grid", 0o755),
        (".sweep/grid/run.lock", 0o600),
        (".sweep/grid/gate.lock", 0o200),
    ],
)
def test_what_belongs_to_another_user_is_said(
    laboratory: Laboratory, whose: str, mode: int
) -> None:
    laboratory.run_here()
    path = laboratory.results / whose
    somebodys(path, mode)
    said = laboratory.run(code=2, preexec_fn=powerless)
    assert said.count("\n") == 1
    assert f"results/{whose}".rstrip("/") + f" belongs to user {SOMEBODY}" in said
    os.chown(path, 0, 0)
    path.chmod(0o755)
    laboratory.expect_whole(known=laboratory.saved())


def test_a_grid_begun_beside_somebody_s_results_is_refused(laboratory: Laboratory) -> None:
    (laboratory.results / ".sweep").mkdir(parents=True)
    somebodys(laboratory.results / ".sweep", 0o755)
    said = laboratory.run(code=2, preexec_fn=powerless)
    assert said.count("\n") == 1
    assert f"results/.sweep belongs to user {SOMEBODY}); what is there stays good" in said


def test_a_file_of_another_user_s_that_may_not_be_moved_is_said(laboratory: Laboratory) -> None:
    """As in a folder for all with the sticky bit, where two users' files cannot be merged."""
    laboratory.run_here()
    (merged,) = laboratory.rows_folder.iterdir()
    laboratory.write(text_of("x = { lin = [0, 1], n = 5 }\ny = { int = [6, 7] }"))
    somebodys(merged, 0o644)
    somebodys(laboratory.rows_folder, 0o1777)
    said = laboratory.run(code=0, preexec_fn=powerless)
    assert f"{merged.name} belongs to user {SOMEBODY}" in said
    os.chown(laboratory.rows_folder, 0, 0)
    laboratory.run_here()
    assert len(contents(laboratory.rows_folder)) == 210


def test_locks_of_another_user_s_can_be_held(laboratory: Laboratory) -> None:
    """As in a folder that a group may write to, where each keeps their files to themself."""
    laboratory.run_here()
    laboratory.write(text_of(seconds=0.001))
    for lock in laboratory.aside.glob("*.lock"):
        somebodys(lock, 0o644)
    process = laboratory.start(env={WARM_UP: "warming"}, preexec_fn=powerless)
    laboratory.wait_for((laboratory.folder / "warming").exists, process)
    assert "another run of grid is at work" in laboratory.run(code=2, preexec_fn=powerless)
    process.kill()
    process.communicate()
    assert laboratory.run(preexec_fn=powerless)
    laboratory.expect_results(extra=200)


@pytest.mark.parametrize(
    "path", ["results", "results/grid", "results/.sweep", "results/.sweep/grid"]
)
@pytest.mark.parametrize(
    "kind", ["file, where a folder would be", "link to nowhere, which is not there"]
)
def test_what_is_in_the_way_is_said(laboratory: Laboratory, path: str, kind: str) -> None:
    there = laboratory.folder / path
    there.parent.mkdir(parents=True, exist_ok=True)
    if "file" in kind:
        there.write_text("mine")
    else:
        there.symlink_to("nowhere")
    refusal = rf"{path}: is a {kind}; \w+ .* --results$"
    with pytest.raises(UsageError, match=refusal):
        laboratory.run_here()
    folder = Folder(laboratory.results, "grid")
    if ".sweep" in path:  # which nobody needs who only reads
        assert not len(known(folder, print).ids)
    else:
        with pytest.raises(UsageError, match=refusal):
            known(folder, print)
    there.unlink()
    laboratory.expect_whole()


@pytest.fixture
def other_disk() -> Iterator[Path]:
    """A folder on another file system than that of temporary files."""
    folder = Path("/dev/shm") / f"sweep-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("there is no /dev/shm")
    yield folder
    shutil.rmtree(folder)


def test_the_folder_of_all_results_may_be_a_link(laboratory: Laboratory, other_disk: Path) -> None:
    laboratory.results.symlink_to(other_disk)
    assert not laboratory.expect_whole()
    assert not laboratory.expect_whole(known=laboratory.saved())


def test_the_folder_of_a_grid_may_be_a_link(laboratory: Laboratory, other_disk: Path) -> None:
    """What is unfinished then lies beside where it leads, on the same disk."""
    (other_disk / "there").mkdir()
    laboratory.results.mkdir()
    laboratory.rows_folder.symlink_to(other_disk / "there")
    assert not laboratory.run_here()
    assert contents(laboratory.rows_folder) == reference(laboratory.text)
    assert not laboratory.aside.exists()
    assert (other_disk / ".sweep" / "there").is_dir()


MERGE = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.faults.sweep_with_faults import count_steps
count_steps()
from sweep.store.folder import Folder
from sweep.store.parquet import schema_of
folder = Folder(Path("results"), "grid")
folder.compact(schema_of(folder.parts()[0]), {metadata!r})
"""


def test_a_merge_that_is_killed_at_any_step_doubles_and_loses_nothing(
    laboratory: Laboratory,
) -> None:
    half = text_of("x = { lin = [0, 1], n = 20 }\ny = { int = [1, 2] }\ntarget_error = [0.1, 0.01]")
    laboratory.write(half)
    laboratory.run_here()
    (old,) = laboratory.rows_folder.iterdir()
    old.rename(laboratory.folder / "old")
    laboratory.write(text_of())
    laboratory.run_here()
    (whole,) = laboratory.rows_folder.iterdir()
    whole.rename(laboratory.folder / "whole")
    _split(laboratory.folder / "whole", laboratory.folder / "kept")
    script = MERGE.format(
        root=str(Path(__file__).parents[2]), metadata=describe("faulty", laboratory.text)
    )
    for i in range(1, 100):
        shutil.rmtree(laboratory.results)
        laboratory.aside.mkdir(parents=True)
        shutil.copytree(laboratory.folder / "kept", laboratory.rows_folder)
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=laboratory.folder,
            env=laboratory.environment(step=f"{i} {int(signal.SIGKILL)}"),
            stdout=subprocess.PIPE,
        )
        if laboratory.saved():
            contents(laboratory.rows_folder)  # each cell once, or not at all
        assert len(known(Folder(laboratory.results, "grid"), print).ids) == 200
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        assert not laboratory.expect_whole()
    assert 15 < i < 99
    assert set(laboratory.computed().values()) == {1, 2}, "by the two runs at the beginning only"


def _split(file: Path, into: Path) -> None:
    """The rows of a file as four files."""
    import pyarrow.parquet as pq

    into.mkdir()
    table = pq.read_table(file)
    for i in range(4):
        pq.write_table(table.slice(50 * i, 50), into / f"part-{i}.parquet")
