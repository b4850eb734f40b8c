"""The command `sweep` with the model of these tests, in a process that faults are done to.

SWEEP_TEST_PATCH names constants to change, as JSON: {"sweep.store.writer.FIRST_INTERVAL_S": 0.2}.
SWEEP_TEST_STEP is "N SIGNAL": just before the N-th change to the file system below the current
folder, the process sends itself this signal; what it has changed is printed to stdout.
SWEEP_TEST_CLOCK: the clock of this process and its workers is set forward by an hour again and
again.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))


def patch_constants() -> None:
    for name, value in json.loads(os.environ.get("SWEEP_TEST_PATCH", "{}")).items():
        module, _, constant = name.rpartition(".")
        assert hasattr(import_module(module), constant)
        setattr(import_module(module), constant, value)


def count_steps() -> None:
    """Have every call that changes files or folders counted, and one of them not come to pass."""
    words = os.environ.get("SWEEP_TEST_STEP", "").split()
    if not words:
        return
    last, number, here = int(words[0]), int(words[1]), Path.cwd()
    done = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(path: Any, *arguments: Any, **options: Any) -> Any:
            nonlocal done
            if isinstance(path, int) or here in Path(path).absolute().parents:
                done += 1
                if done == last:
                    os.kill(os.getpid(), number)
                print(call.__name__, path, flush=True)
            return call(path, *arguments, **options)

        return wrapper

    for name in ("rename", "replace", "unlink", "mkdir", "rmdir", "fsync", "ftruncate"):
        setattr(os, name, counted(getattr(os, name)))
    write, write_bytes = os.write, Path.write_bytes

    def write_half(file: int, content: Any) -> int:
        """Writing a file of rows is a step after which only half of it is there, and one more."""
        if bytes(content[:4]) != b"PAR1":
            return write(file, content)
        written = write(file, content[: len(content) // 2])
        counted(os.utime)(file)
        return written

    def write_half_bytes(path: Path, content: bytes) -> int:
        half = write_bytes(path, content[: len(content) // 2])
        counted(Path.touch)(path)
        with path.open("ab") as file:
            return half + file.write(content[half:])

    os.write = write_half
    Path.write_bytes = write_half_bytes  # type: ignore[method-assign, assignment]


def set_clock_forward() -> None:
    seconds, hours = time.time, itertools.count()
    time.time = lambda: seconds() + 3600.0 * next(hours)


if "SWEEP_TEST_CLOCK" in os.environ:  # workers run this file, too
    set_clock_forward()

if __name__ == "__main__":
    from sweep import models

    models.MODELS["faulty"] = "tests.faults.model"
    patch_constants()
    count_steps()
    from sweep.cli import main

    main()
