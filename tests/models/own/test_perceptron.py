"""The perceptron that comes with the grids: the rule by hand, its known laws, and its seed."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sweep.models.status import REACHED
from sweep.ode.arrays import Floats
from tests.models.own.examples import GRIDS, example, parameters, solved

perceptron = example("perceptron")
MODEL = perceptron.MODEL


def course(count: int, **given: Any) -> list[tuple[float, float, dict[str, float]]]:
    """The first pairs that the generator yields."""
    return list(islice(perceptron.run(parameters(MODEL, **given)), count))


def test_it_makes_the_perceptron_s_steps() -> None:
    """One unit of time by hand, from the same random numbers, one component at a time."""
    N, eta, flips = 7, 0.5, 0.2
    rng = np.random.default_rng(3)
    B, w = rng.normal(size=(2, N))
    inputs, turned = rng.normal(size=(N, N)), rng.random(N) < flips
    for x, wrong in zip(inputs, turned, strict=True):
        label = math.copysign(1, sum(B[i] * x[i] for i in range(N))) * (-1 if wrong else 1)
        if math.copysign(1, sum(w[i] * x[i] for i in range(N))) != label:
            for i in range(N):
                w[i] += eta * label * x[i] / math.sqrt(N)
    (_, _, _), (alpha, error, columns) = course(2, N=N, eta=eta, flips=flips, seed=3)
    cosine = w @ B / np.linalg.norm(w) / np.linalg.norm(B)
    assert alpha == 1
    assert error == pytest.approx(math.acos(cosine) / math.pi, rel=1e-12)
    assert columns["length"] == pytest.approx(np.linalg.norm(w) / math.sqrt(N), rel=1e-12)


def test_the_seed_decides_everything() -> None:
    assert course(4, N=20, flips=0.1, seed=1) == course(4, N=20, flips=0.1, seed=1)
    assert course(4, N=20, flips=0.1, seed=1) != course(4, N=20, flips=0.1, seed=2)


def test_the_error_is_the_chance_to_differ_from_the_teacher() -> None:
    """Half for a student that knows nothing."""
    errors = [course(1, N=400, seed=seed)[0][1] for seed in range(20)]
    assert np.mean(errors) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("flips", [0.0, 0.1])
def test_many_inputs_follow_the_equations_of_the_limit(flips: float) -> None:
    """For R, the overlap with a teacher of length one, and q², the square of the length."""
    eta, alpha, runs = 1.5, 6, 8

    def slope(_: float, y: Floats) -> list[float]:
        R, square = y
        q = math.sqrt(square)
        rho, kept = R / q, 1 - 2 * flips
        error = math.acos(rho) / math.pi
        steps = (1 - flips) * error + flips * (1 - error)
        dR = eta * (kept - rho) / math.sqrt(2 * math.pi)
        return [dR, -2 * eta * q * (1 - kept * rho) / math.sqrt(2 * math.pi) + eta**2 * steps]

    R, square = solve_ivp(slope, (0, alpha), [0.0, 1.0], rtol=1e-9, atol=1e-12).y[:, -1]
    theory = math.acos(R / math.sqrt(square)) / math.pi, math.sqrt(square)
    given = {"N": 200, "eta": eta, "flips": flips}
    ends = [course(alpha + 1, **given, seed=seed)[-1] for seed in range(runs)]
    found = np.array([[error, columns["length"]] for _, error, columns in ends])
    allowed = 4 * found.std(axis=0, ddof=1) / math.sqrt(runs) + 2 / 200
    assert np.all(np.abs(found.mean(axis=0) - theory) < allowed)


def test_noise_leaves_the_angle_whose_cosine_is_the_part_of_labels_kept_less_that_turned() -> None:
    late = [moment[1] for moment in course(81, N=100, eta=3.0, flips=0.15, seed=0)[40:]]
    assert np.mean(late) == pytest.approx(math.acos(1 - 2 * 0.15) / math.pi, abs=0.02)


def test_it_answers_as_a_model() -> None:
    answers = solved(MODEL, N=50, target_error=0.2, alpha_max=100.0)
    moments = course(int(answers.time_to_target[0]) + 1, N=50)
    assert answers.status[0] == REACHED
    assert [moment[1] <= 0.2 for moment in moments] == [False] * (len(moments) - 1) + [True]
    assert answers.numbers["length"][0] == moments[-1][2]["length"]


@pytest.mark.parametrize("name", ["committee", "perceptron"])
def test_an_example_is_short(name: str) -> None:
    assert (GRIDS / f"{name}.py").read_text(encoding="utf-8").count("\n") < 150
