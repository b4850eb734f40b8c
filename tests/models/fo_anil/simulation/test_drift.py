"""The mean of one task's step, for large N, against the theory's derivative and error.

Means are compared within 4.5 standard errors, with fixed seeds; with others, a comparison would
fail without cause with a probability of 7e-6.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.models.fo_anil.simulation.normals import lanes
from sweep.models.fo_anil.simulation.reduced import POPULATION, advance
from sweep.models.fo_anil.simulation.setting import ACTIVATIONS, LINEAR, Frame, Setting, frame
from sweep.ode.arrays import Floats
from tests import oracle

pytestmark = pytest.mark.slow

DRAWS = 40_000
ERRORS = 4.5
N = 1_000_000

Q = np.array([[0.8, 0.1], [0.1, 0.6]])
R = np.array([[0.3, -0.2], [0.05, 0.4]])
T = np.array([[1.0, 0.0], [0.0, 2.0]])

# P is so large that what the theory leaves out of the diffusion, of order 1/P², does not show.
SETTINGS = {
    "plain": Setting(N, 100, 10, 3.0, 2.0),
    "noise and decay": Setting(N, 50, 10, 2.0, 3.0, sigma_u=0.8, sigma_y=0.5, weight_decay=0.3),
    "varying teacher": Setting(N, 50, 10, 3.0, 2.0, sigma_B=0.7),
    "linear units": Setting(N, 100, 10, 0.4, 0.8, sigma_y=0.3, activation=LINEAR),
}


def steps(setting: Setting) -> tuple[Floats, Floats, Floats]:
    """N ΔQ, N ΔR and the error of many tasks, each from the same start."""
    start = frame(Q, R, T)
    rng = np.random.Generator(np.random.SFC64(0))
    samples = lanes(np.random.SeedSequence(1))
    found_Q, found_R = np.empty((DRAWS, *Q.shape)), np.empty((DRAWS, *R.shape))
    errors = np.empty(DRAWS)
    for i in range(DRAWS):
        here = slice(i, i + 1)
        moved = Frame(*(part.copy() for part in start))
        overlaps = found_Q[here], found_R[here]
        advance(moved, setting, POPULATION, rng, samples, samples, errors[here], *overlaps)
    return N * (found_Q - Q), N * (found_R - R), errors


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
def test_the_mean_step_is_the_theory_s(setting: Setting) -> None:
    inner = {
        "eta_w": setting.eta_w,
        "P": setting.P,
        "sigma_u": setting.sigma_u,
        "sigma_y": setting.sigma_y,
        "sigma_B": setting.sigma_B,
        "activation": ACTIVATIONS[setting.activation],
    }
    outer = {"eta_J": setting.eta_J, "V": setting.V, "weight_decay": setting.weight_decay}
    dQ, dR = oracle.derivative(Q, R, T, **inner, **outer)
    expected = (dQ, dR, oracle.error(Q, R, T, **inner))
    for found, mean in zip(steps(setting), expected, strict=True):
        error = found.std(0) / math.sqrt(DRAWS)
        assert np.all(np.abs(found.mean(0) - mean) <= ERRORS * error)
