"""The model `fo-anil`: when does first-order ANIL reach a target error, by its order parameters?

At V = ∞ the dynamics in τ = η_J α does not depend on η_J, at finite V on η_J/V alone (and on
κ/η_J with weight decay κ): one trajectory answers every η_J that shares these, every target and
every window.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sweep.errors import ParameterError
from sweep.models.answers import Ends, Words, answers_of
from sweep.models.base import (
    OUT_OF_REACH,
    Answers,
    Constraint,
    Model,
    Trace,
    Trajectory,
    within_reach,
)
from sweep.models.cells import Cells
from sweep.models.fo_anil import effort, shortfall
from sweep.models.fo_anil.activations import kind_of, unsupported
from sweep.models.fo_anil.outcome import alignment, cosines, learned_units
from sweep.models.fo_anil.parameters import (
    ACTIVATION,
    PARAMETERS,
    START,
    interchangeable_units,
    start_overlaps,
)
from sweep.models.fo_anil.shown import (
    ALIGNMENTS,
    ALWAYS_NAMED,
    COLUMNS,
    OVERLAPS,
    PICTURES,
    PREFERRED_AXES,
    SERIES,
    STARTER,
)
from sweep.models.fo_anil.solve import InnerLoop, follow
from sweep.models.fo_anil.state import Problem, overlaps_of, state
from sweep.models.parameters import Parameter, Value, number
from sweep.models.status import DIVERGED, NOT_REACHED
from sweep.ode import news
from sweep.ode.arrays import Floats
from sweep.ode.events import Questions
from sweep.ode.integrator import LARGEST_VALUE, MAX_STEPS
from sweep.ode.solve import Solution, ask

EDGE = 1.95
"""From this η_w λ_max(I_JJ) on, a cell says that its inner loop is close to diverging, at 2."""

DEPENDENT = 1e-6
"""Below this λ_min/λ_max of I_JJ, a cell says that least squares is close to having no solution."""


WORDS = Words(
    time="α",
    grew="an overlap grew",
    grows="the overlaps grow",
    too_long=f"more than {MAX_STEPS:,} steps",
    undefined=DIVERGED,
)


class FoAnil(Model):
    """First-order ANIL in the teacher–student setting, by its order-parameter equations."""

    name = "fo-anil"
    meaning = "first-order ANIL in the teacher–student setting, by its order parameters"
    version = 3
    time_symbol = r"\alpha"
    parameters = (*PARAMETERS, ACTIVATION)
    solver = (
        Parameter("rtol", "real", 1e-9, "relative tolerance of a step", low=1e-13, high=1e-2),
        Parameter(
            "atol", "real", 1e-20, "absolute tolerance of a step", low=0, high=1e-2, open_low=True
        ),
    )
    constraints = (
        START,
        Constraint(("P", "inner_steps"), lambda cell: _check_samples(cell)),
        Constraint(("activation", "P", "V"), lambda cell: _check_activation(cell)),
    )
    window_only_ends = True
    answered_together = ("eta_J", "V", "weight_decay", "target_error", "alpha_max")
    clocked_by = ("eta_J", "V", "weight_decay")
    list_columns = ("Q", "R", "alignment")
    number_columns = {"learned_units": "int64"}  # noqa: RUF012
    column_meanings = OVERLAPS | ALIGNMENTS
    columns = COLUMNS
    preferred_axes = PREFERRED_AXES
    starter = STARTER
    kernels_by = ("activation", "P")
    always_named = ALWAYS_NAMED
    series = SERIES
    pictures = PICTURES

    def dynamics_keys(self, cells: Cells) -> list[NDArray[np.generic]]:
        """η_J/V and κ/η_J."""
        eta_J = cells.numbers("eta_J")
        return [eta_J / cells.numbers("V"), cells.numbers("weight_decay") / eta_J]

    def clock(self, cells: Cells) -> Floats:
        """η_J, since trajectories run in τ = η_J α."""
        return cells.numbers("eta_J")

    def warnings(self, cells: Cells) -> list[str]:
        """What is ill-posed, and what is known to be off."""
        return [*_ill_posed_starts(cells), *shortfall.warnings(cells)]

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:  # noqa: ARG002
        """See `effort`."""
        return effort.seconds(trajectory)

    def kernels(self, trajectory: Trajectory) -> str:
        """Those of the activation, which are others at finite P unless its averages are simple."""
        activation, P = str(trajectory.shared["activation"]), number(trajectory.shared["P"])
        others = kind_of(activation, P) is not kind_of(activation, np.inf)
        return f"the kernels of {self.name} for {activation} units{' at finite P' * others}"

    def warm_up(self, trajectory: Trajectory) -> None:
        """By a question about one unit that is answered at the start."""
        y, P = np.array([0.5, 0.1]), number(trajectory.shared["P"])
        questions, _, _ = ask(np.array([LARGEST_VALUE]), np.ones(1))
        problem = Problem(1, 1, 1.0, 1.0, P, 0.0, 0.0, 1.0, 0.0)
        kind = kind_of(str(trajectory.shared["activation"]), P)
        with news.about(self.kernels(trajectory)):
            follow(y, questions, problem, np.eye(1), kind=kind, rtol=1e-6, atol=1e-12)

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        """Integrate once, in τ = η_J α, and read off every cell's answer."""
        varying = trajectory.varying
        eta_J, targets = varying["eta_J"], varying["target_error"]
        questions, target_of, end_of = ask(within_reach(targets), eta_J * varying["alpha_max"])
        solution, inner, K, T = _integrate(trajectory, questions, solver)
        asked = Ends(questions.ends, target_of, end_of, targets)
        return _answers(solution, inner, asked, eta_J, T, K)

    def trace(
        self, cell: Mapping[str, Value], solver: Mapping[str, Value], until: float, points: int
    ) -> Trace:
        """ε, the overlaps and their cosines, each at its time to the integrator's accuracy."""
        alpha = np.linspace(0.0, until, points)
        never = np.full(points, OUT_OF_REACH)
        questions, _, end_of = ask(never, number(cell["eta_J"]) * alpha)
        solution, _, K, T = _integrate(self.alone(cell), questions, solver)
        error = solution.replies.end_value[end_of]
        passed = np.isfinite(error)
        Q, R = overlaps_of(solution.replies.end_state[end_of][passed], K, len(T))
        series = {"error": error[passed], "Q": Q, "R": R, "rho": cosines(Q, R, T)}
        return Trace(alpha[passed], series)


def _integrate(
    trajectory: Trajectory, questions: Questions, solver: Mapping[str, Value]
) -> tuple[Solution, InnerLoop, int, Floats]:
    """The solution in τ = η_J α, its inner loop, the number of student units, and T."""
    shared = trajectory.shared
    Q, R, T = start_overlaps(shared)
    with news.about(MODEL.kernels(trajectory)):
        solution, inner = follow(
            state(Q, R),
            questions,
            problem_of(trajectory),
            T,
            kind=kind_of(str(shared["activation"]), number(shared["P"])),
            sigma_B=number(shared["sigma_B"]),
            rtol=number(solver["rtol"]),
            atol=number(solver["atol"]),
        )
    return solution, inner, len(Q), T


MODEL = FoAnil()


def _ill_posed_starts(cells: Cells) -> list[str]:
    """Starts whose units are interchangeable are ill-posed: rounding separates the units."""
    found = []
    # A start that depends on the seed has no such units.
    for _, cell in cells.combinations([name for name in START.names if name != "seed"]):
        if isinstance(cell["R0"], float) and cell["R0"] != 0:
            continue
        Q, R, _ = start_overlaps({**cell, "seed": 0})
        units = interchangeable_units(Q, R)
        if units:
            found.append(
                f"R0: student units {units[0] + 1} and {units[1] + 1} start interchangeable "
                f"(K = {cell['K']}), so rounding errors decide which of them specializes; "
                "a number such as R0 = 1e-12 starts them apart, at random from the seed"
            )
    return found


def problem_of(trajectory: Trajectory) -> Problem:
    """The constants of a trajectory; those of its first cell are those of all."""
    shared = {name: number(trajectory.shared[name]) for name in SHARED_NUMBERS}
    varying = {name: float(column[0]) for name, column in trajectory.varying.items()}
    return Problem(
        K=int(shared["K"]),
        M=int(shared["M"]),
        eta_w=shared["eta_w"],
        inner_steps=shared["inner_steps"],
        P=shared["P"],
        noise=varying["eta_J"] / varying["V"],
        decay=varying["weight_decay"] / varying["eta_J"],
        sigma_u=shared["sigma_u"],
        sigma_y=shared["sigma_y"],
    )


SHARED_NUMBERS = ("K", "M", "eta_w", "inner_steps", "P", "sigma_u", "sigma_y")


def _answers(
    solution: Solution, inner: InnerLoop, asked: Ends, eta_J: Floats, T: Floats, K: int
) -> Answers:
    limits = _limits(inner)
    read = answers_of(solution, asked, WORDS, eta_J, limits)
    Q, R = overlaps_of(read.states, K, len(T))
    rho, n = cosines(Q, R, T), len(read.status)
    unmet = np.where(read.status == NOT_REACHED, limits, "").tolist()
    return Answers(
        status=read.status,
        time_to_target=read.time_to_target,
        error_initial=read.error_initial,
        error_final=read.error_final,
        time_final=read.time_final,
        rhs_evaluations=solution.evaluations,
        lists={"Q": Q.reshape(n, -1), "R": R.reshape(n, -1), "alignment": alignment(rho)},
        numbers={"learned_units": learned_units(rho)},
        message=[one or other for one, other in zip(read.message, unmet, strict=True)],
    )


def _limits(inner: InnerLoop) -> str:
    if 1 < inner.steps < np.inf and inner.rate > EDGE:
        return (
            f"the inner loop {'diverges' if inner.rate > 2 else 'is about to diverge'}: "
            f"η_w λ_max(I_JJ) = {inner.rate:.4g}, and beyond 2 it does"
        )
    if np.isinf(inner.steps) and inner.independence < DEPENDENT:
        return (
            "least squares has no one solution where student units coincide or have no length: "
            f"λ_min/λ_max of I_JJ is {inner.independence:.2g}"
        )
    return ""


def _check_samples(cell: Mapping[str, Value]) -> None:
    P, steps = number(cell["P"]), number(cell["inner_steps"])
    if np.isfinite(P) and steps != 1:
        raise ParameterError(
            "P",
            f"found {P:g} together with inner_steps = {steps:g}; a finite P is allowed with "
            "inner_steps = 1 only, and more steps with P = inf",
        )


def _check_activation(cell: Mapping[str, Value]) -> None:
    activation = str(cell["activation"])
    finite = unsupported(activation, number(cell["P"]), number(cell["V"]))
    if finite:
        raise ParameterError(
            "activation",
            f"found {activation} together with {finite} = {number(cell[finite]):g}, for which the "
            "averages have no closed form; allowed are P = inf and V = inf, or erf or linear",
        )
