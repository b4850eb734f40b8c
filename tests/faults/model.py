"""A model whose cells do what they are told, and say in a log file that they were computed.

It stands in for a real one in the processes of these tests (see `sweep_with_faults.py`), and needs
no kernels. A trajectory answers all targets of a cell, so that batches and groups are at work.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from sweep.models.base import Answers, Model, Trajectory
from sweep.models.parameters import Parameter, Value
from sweep.models.status import NOT_REACHED, REACHED

LOG = "SWEEP_TEST_LOG"
"""The environment variable that names the file with a line for each trajectory computed."""

WARM_UP = "SWEEP_TEST_WARM_UP"
"""The environment variable that names a file to be made when the model warms up, without end."""

SOURCES = "SWEEP_TEST_SOURCES"
"""The environment variable that says what the file of the model is, as if it were a user's own."""

WITHOUT_END_S = 3600.0

BEHAVIOURS = (
    "well", "slow", "deaf", "raise", "ill", "exit", "leave", "segfault", "once", "allocate"
)  # fmt: skip


class FaultyModel(Model):
    name = "faulty"
    version = 1
    sources = os.environ.get(SOURCES, "")
    time_symbol = "t"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("x", "real", 1.0, "first coordinate"),
        Parameter("y", "integer", 1, "second coordinate"),
        Parameter("seconds", "real", 0.0, "what it takes", low=0),
        Parameter("behaviour", "word", "well", "what it does", choices=BEHAVIOURS),
        Parameter("bad", "integer", -1, "the y of which `behaviour` holds; -1: of all"),
        Parameter("target_error", "real", 0.01, "target", low=0, open_low=True),
        Parameter("alpha_max", "real", 10.0, "window", low=0, open_low=True),
    )
    solver = ()
    answered_together = ("target_error",)
    list_columns = ("Q",)
    number_columns: ClassVar[Mapping[str, str]] = {"units": "int64"}

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:  # noqa: ARG002
        shared = trajectory.shared
        if shared["behaviour"] in ("slow", "deaf") and shared["bad"] in (-1, shared["y"]):
            return WITHOUT_END_S
        return float(shared["seconds"]) + 1e-5  # type: ignore[arg-type]

    def warm_up(self, trajectory: Trajectory) -> None:  # noqa: ARG002
        if WARM_UP in os.environ:
            Path(os.environ[WARM_UP]).touch()
            time.sleep(WITHOUT_END_S)

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:  # noqa: ARG002
        x, y, seconds, bad = (
            float(trajectory.shared[name])  # type: ignore[arg-type]
            for name in ("x", "y", "seconds", "bad")
        )
        if bad in (-1, y):
            _misbehave(str(trajectory.shared["behaviour"]), y)
        time.sleep(seconds)
        _log(f"{x!r} {y!r}")
        targets = trajectory.varying["target_error"]
        n = len(targets)
        time_to_target = np.abs(np.sin(x) * y) / targets
        reached = time_to_target < 1000
        return Answers(
            status=np.where(reached, REACHED, NOT_REACHED).astype(np.int8),
            time_to_target=np.where(reached, time_to_target, np.nan),
            error_initial=np.ones(n),
            error_final=targets,
            time_final=np.minimum(time_to_target, 1000),
            rhs_evaluations=7,
            lists={"Q": np.tile(np.cos(x * np.arange(3.0)), (n, 1))},
            numbers={"units": np.full(n, int(y))},
        )


MODEL = FaultyModel()


def _misbehave(behaviour: str, y: float) -> None:
    if behaviour in ("slow", "deaf"):
        _touch(f".{behaviour}")
    if behaviour == "slow":
        time.sleep(WITHOUT_END_S)
    elif behaviour == "deaf":  # as a compiler is: no other thread of Python runs meanwhile
        ctypes.PyDLL(None).sleep(int(WITHOUT_END_S))
    elif behaviour == "raise":
        raise RuntimeError(f"y = {y:g} is not to my liking")
    elif behaviour == "ill":
        if not Path(os.environ[LOG] + ".medicine").exists():
            raise RuntimeError("it needs medicine")
    elif behaviour == "exit":
        sys.exit("enough")
    elif behaviour == "leave":
        os._exit(7)
    elif behaviour == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif behaviour == "allocate":
        np.ones(2**50)
    elif behaviour == "once":  # a fault that does not come back
        try:
            _touch(".once", exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


def _touch(suffix: str, *, exist_ok: bool = True) -> None:
    if LOG in os.environ:
        Path(os.environ[LOG] + suffix).touch(exist_ok=exist_ok)


def _log(text: str) -> None:
    if LOG in os.environ:
        descriptor = os.open(os.environ[LOG], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{text}\n".encode())
        os.close(descriptor)
