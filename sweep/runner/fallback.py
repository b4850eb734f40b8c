"""Where workers cannot be had: simpler ones, or a word to the user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sweep.errors import UsageError, Warn
from sweep.models.base import Block
from sweep.runner import pool
from sweep.runner.plan import Plan
from sweep.runner.pool import Workers
from sweep.runner.processes import NoWorkers

NAMES = {"loky": "worker processes", "threading": "threads", "sequential": "one thread"}
SIMPLER = {"loky": "threading", "threading": "sequential"}


def computed(
    plan: Plan, workers: Workers, backend: str | None, warn: Warn
) -> Iterator[list[Block]]:
    """All blocks, by simpler means where those that pay cannot be had and none was asked for."""
    begun = False
    try:
        for blocks in pool.compute(plan, workers):
            begun = True
            yield blocks
    except NoWorkers as error:
        what = NAMES[workers.backend]
        if begun:
            raise UsageError(
                f"{what} cannot be had any more: {error}; what was finished is saved, run again to "
                "go on"
            ) from error
        simpler = SIMPLER[workers.backend]
        if backend is not None:
            raise UsageError(
                f"--backend {backend}: {what} cannot be had here: {error}; --backend {simpler} "
                "does without them"
            ) from error
        warn(f"{what} cannot be had here, so the work is done in {NAMES[simpler]}: {error}")
        yield from computed(plan, replace(workers, backend=simpler), backend, warn)
