"""One run: its states, step after step, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sweep.models.fourier.features import Points
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED
from sweep.ode.arrays import Floats

RECORDED = 1000
"""Weights are recorded at this many steps or fewer, that a long run fit into memory."""


@dataclass(frozen=True)
class State:
    """After `step` outer steps. broken: why the run cannot go on, or nothing; E is NaN then."""

    step: int
    weights: Floats
    error: float
    broken: str = ""


@dataclass(frozen=True)
class Run:
    """A run over all its steps, whether it reaches its target or not, or until it diverges.

    errors: E after outer step 0, 1, ..; shape (steps + 1,); NaN at the step that diverged.
    weights: shape (recorded, D), after the outer steps `weight_steps`, of which the first is 0 and
    the last is the end. status: as in the answers to cells. time_to_target: NaN unless reached.
    """

    errors: Floats
    weight_steps: Points
    weights: Floats
    status: int
    time_to_target: float
    message: str

    def last_sound(self) -> int:
        """The position of the last recorded weights that are not those of a divergence."""
        return len(self.weight_steps) - 1 - int(np.isnan(self.errors[-1]))


def record(states: Iterator[State], *, steps: int, target: float) -> Run:
    """The first so many steps of a run; `target` is the error that it is to reach."""
    stride = -(-steps // RECORDED)
    errors: list[float] = []
    weights: dict[int, Floats] = {}
    for state in states:
        errors.append(state.error)
        ended = state.step == steps or state.broken
        if state.step % stride == 0 or ended:
            weights[state.step] = state.weights
        if ended:
            break
    reached = np.flatnonzero(np.array(errors) <= target)
    unreached = DIVERGED if state.broken else NOT_REACHED
    return Run(
        errors=np.array(errors),
        weight_steps=np.array(list(weights)),
        weights=np.array(list(weights.values())),
        status=REACHED if len(reached) else unreached,
        time_to_target=float(reached[0]) if len(reached) else np.nan,
        message=state.broken,
    )


def series(run: Run) -> dict[str, Floats]:
    """What a run is told by, at its `weight_steps`.

    error (the test error E); weight_0, weight_1, … of the true features; of all others the root
    mean square (false_rms) and the largest size (false_max), 0 where there are none. The error of
    a step that diverged is NaN.
    """
    false = np.abs(run.weights[:, TRUE_FEATURES:])
    # A weight that is about to overflow may have no finite square.
    with np.errstate(over="ignore", invalid="ignore"):
        rms = np.sqrt((false**2).sum(axis=1) / max(false.shape[1], 1))
    return {
        "error": run.errors[run.weight_steps],
        **{f"weight_{j}": run.weights[:, j] for j in range(TRUE_FEATURES)},
        "false_rms": rms,
        "false_max": false.max(axis=1, initial=0.0),
    }
