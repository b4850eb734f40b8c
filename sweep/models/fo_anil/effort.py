"""How much there is to do for a trajectory, before it is known how it ends.

As measured on one core of 2023, within a factor of two; the runner corrects it by what trajectories
have taken.
"""

from __future__ import annotations

import numpy as np

from sweep.models.base import Trajectory
from sweep.models.parameters import number

GROWTH = 1600
"""Evaluations until the target is met, where it is."""

TAIL_STEPS, RELU_TAIL_STEPS, STAGES = 75, 170, 8
"""Where it is not: steps of Rodas5P to the end of the window, more for units that decay, and
evaluations of each beside those for its Jacobian, which are as many as there are variables."""

QUESTION = 8
"""Evaluations for the answer to one cell in the tail."""

UNDECIDED = 0.6
"""The chance that a target is not met, where nothing speaks against it."""

SECONDS_BESIDE = 2e-4
"""What passes beside the integration."""


def chance_of_missing(trajectory: Trajectory) -> float:
    """The chance that the lowest target of a trajectory is not met within its window.

    Fewer units than the teacher has never meet one; P samples leave an error of about 2/P.
    """
    shared = trajectory.shared
    target = float(trajectory.varying["target_error"].min())
    hopeless = target <= 1.5 / number(shared["P"]) or number(shared["K"]) < number(shared["M"])
    return 1.0 if hopeless else UNDECIDED


def seconds(trajectory: Trajectory) -> float:
    """What integrating a trajectory takes."""
    K, M = (int(number(trajectory.shared[name])) for name in ("K", "M"))
    variables = K * (K + 1) // 2 + K * M
    steps = RELU_TAIL_STEPS if trajectory.shared["activation"] == "relu" else TAIL_STEPS
    tail = steps * (variables + STAGES) + QUESTION * len(trajectory.cells)
    evaluations = GROWTH + chance_of_missing(trajectory) * tail
    return SECONDS_BESIDE + evaluations * _seconds_an_evaluation(trajectory, K, M)


def _seconds_an_evaluation(trajectory: Trajectory, K: int, M: int) -> float:
    S, pairs = K + M, K * (K + 1) // 2
    found = 5.5e-7 + 8e-9 * K * S
    if trajectory.shared["activation"] == "relu":
        found *= 4
    noisy = np.isfinite(trajectory.varying["V"][0])
    if noisy:
        found += 5e-7 + 1.6e-9 * pairs * (S * (S + 1) // 2)
    if np.isfinite(number(trajectory.shared["P"])):
        averages = 4e-8 * (M * K) ** 2 + 1e-8 * pairs * pairs
        found += 2 * averages if noisy else averages
    return float(found)
