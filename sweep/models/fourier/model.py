"""What the two models of this folder share: parameters, the outer loop, and the answers to cells.

Time is counted in outer steps. The test error E of `evaluation` is taken before the first outer
step and after every one; `time_to_target` is the first step at which E ≤ target_error. A run has
diverged where a weight is not finite or exceeds 1e6 in size.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Literal, cast

import numpy as np
from numpy.typing import NDArray

from sweep.errors import ParameterError
from sweep.models.base import (
    Answers,
    Constraint,
    Model,
    Series,
    Trace,
    Trajectory,
    within_reach,
)
from sweep.models.fourier.cell import integer, real
from sweep.models.fourier.evaluation import unseen_tasks
from sweep.models.fourier.pictures import PICTURES
from sweep.models.fourier.run import Run, State, record, series
from sweep.models.fourier.tasks import TRUE_FEATURES, initial_weights
from sweep.models.parameters import Parameter, Value
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED
from sweep.ode import news
from sweep.ode.arrays import Floats

LARGEST_WEIGHT = 1e6

SERIES: Mapping[str, Series] = {
    "error": Series(r"\varepsilon", log=True),
    **{f"weight_{j}": Series(f"w_{j}") for j in range(TRUE_FEATURES)},
    "false_rms": Series("others, rms"),
    "false_max": Series("others, max"),
}

Step = Callable[[Floats], Floats]
"""One outer step: the weights after it, from the weights before it."""


class FourierModel(Model):
    """A way to learn feature weights; a subclass says what an outer step is.

    The row of a cell tells of the outer step at which it reached its target, ran out of steps or
    diverged: `error_final` and `weights` are those of that step. Cells that differ in their target
    and number of steps alone are answered by one run, each as if it had run alone.
    """

    version = 1
    time_symbol = "outer steps"
    time_name = "step"
    window = "max_steps"
    solver = ()
    answered_together: tuple[str, ...] = ("target_error", "max_steps")
    list_columns = ("weights",)
    column_meanings: Mapping[str, str] = {
        "weights": "the feature weights at the end, one a feature"
    }
    preferred_axes = ("inner_rate", "outer_rate")
    starter: Mapping[str, object] = {
        **{"D": 201, "n_train": 32, "n_val": 32, "n_shot": 32},
        **{"target_error": 0.1, "max_steps": 100},
    }
    always_named = ("D", "inner_rate", "outer_rate")
    never_named = ("target_error", "max_steps")
    series = SERIES
    pictures = PICTURES
    method: ClassVar[str]
    """Its name among researchers."""

    @abstractmethod
    def outer_step(self, parameters: Mapping[str, Value]) -> Step:
        """The outer step, with random streams of its own, at their beginning."""

    @abstractmethod
    def gradients(self, parameters: Mapping[str, Value]) -> int:
        """How many gradients of a loss one outer step takes, in all its tasks."""

    @abstractmethod
    def step_cost(self, parameters: Mapping[str, Value]) -> float:
        """A rough forecast of the seconds one outer step takes, without the evaluation."""

    def steps_made(self, parameters: Mapping[str, Value], most: float) -> float:
        """A rough forecast of the steps until a run meets its target, diverges, or has made most.

        With fewer features than points the closed form is exact at the start.
        """
        return 0.0 if integer(parameters, "D") <= integer(parameters, "n_shot") else most / 2

    def states(self, parameters: Mapping[str, Value]) -> Iterator[State]:
        """The run from its start, step after step; it ends only where it diverges."""
        seed = integer(parameters, "seed")
        D = integer(parameters, "D")
        evaluation = unseen_tasks(
            seed, D=D, pool=integer(parameters, "pool"), n_shot=integer(parameters, "n_shot")
        )
        advance = self.outer_step(parameters)
        weights = initial_weights(cast(Literal["ones", "uniform"], parameters["init"]), D, seed)
        step = 0
        broken = ""
        while not broken:
            yield State(step, weights, evaluation.error(weights))
            step += 1
            with np.errstate(over="ignore", invalid="ignore"):
                weights = advance(weights)
            broken = _broken(weights, step)
        yield State(step, weights, np.nan, broken)

    def run(self, parameters: Mapping[str, Value]) -> Run:
        """The run of one cell over all its max_steps, whether it reaches its target or not."""
        return record(
            self.states(parameters),
            steps=integer(parameters, "max_steps"),
            target=real(parameters, "target_error"),
        )

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:  # noqa: ARG002
        """Run until every cell has its answer.

        `rhs_evaluations` counts the gradients of the run, see `gradients`.
        """
        targets = within_reach(trajectory.varying["target_error"])
        limits = trajectory.varying["max_steps"]
        answers = _blank(len(targets), integer(trajectory.shared, "D"))
        waiting = np.ones(len(targets), dtype=bool)
        for state in self.states(trajectory.shared):
            if state.step == 0:
                answers.error_initial[:] = state.error
            reached = waiting & (state.error <= targets)
            ended = waiting & ((limits <= state.step) | bool(state.broken)) & ~reached
            _record(answers, reached, REACHED, state)
            _record(answers, ended, DIVERGED if state.broken else NOT_REACHED, state)
            answers.time_to_target[reached] = state.step
            if state.broken:
                answers.message = [state.broken if diverged else "" for diverged in ended]
            waiting &= ~(reached | ended)
            if not waiting.any():
                answers.rhs_evaluations = state.step * self.gradients(trajectory.shared)
                break
        return answers

    def trace(
        self,
        cell: Mapping[str, Value],
        solver: Mapping[str, Value],  # noqa: ARG002
        until: float,
        points: int,
    ) -> Trace:
        """The test error, the true weights and how large the others are."""
        found = self.run({**cell, "max_steps": int(until)})
        ends = len(found.weight_steps) - 1
        kept = np.unique(np.linspace(0, ends, points).round().astype(np.int64))
        thinned = {name: values[kept] for name, values in series(found).items()}
        return Trace(found.weight_steps[kept].astype(np.float64), thinned)

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:  # noqa: ARG002
        """That of the steps that are likely to be made."""
        n_shot, D = integer(trajectory.shared, "n_shot"), integer(trajectory.shared, "D")
        evaluation = 3e-5 + 1.7e-10 * n_shot * D * min(n_shot, D)
        most = float(trajectory.varying["max_steps"].max())
        steps = 1 + self.steps_made(trajectory.shared, most)
        return steps * (evaluation + self.step_cost(trajectory.shared))

    def warm_up(self, trajectory: Trajectory) -> None:
        """Take one small outer step with more features than points, and one with fewer."""
        small = {parameter.name: parameter.default for parameter in self.parameters}
        small |= {"D": 5, "pool": 16, "n_val": 4, "n_shot": 4}
        with news.about(self.kernels(trajectory)):
            for n_train in (4, 8):
                states = self.states(small | {"n_train": n_train})
                next(states)
                next(states)


def declared(
    *, tasks: int, inner_rate: float, outer_rate: float, max_steps: int
) -> tuple[Parameter, ...]:
    """The parameters that both models have, with the defaults in which they differ."""
    return (
        Parameter("D", "integer", 501, "features (odd)", "D", low=TRUE_FEATURES, high=2**16 - 1),
        _count("n_train", 64, "training points a task", r"n_\mathrm{train}"),
        _count("n_val", 64, "validation points a task", r"n_\mathrm{val}"),
        _count("n_shot", 64, "points of an unseen task", r"n_\mathrm{shot}"),
        Parameter("pool", "integer", 1024, "equally spaced inputs", low=4, high=2**16),
        _count("tasks", tasks, "tasks an outer step"),
        Parameter(
            "inner_rate", "real", inner_rate, "inner learning rate", r"\alpha", low=0, open_low=True
        ),
        Parameter(
            "outer_rate", "real", outer_rate, "outer learning rate", r"\beta", low=0, open_low=True
        ),
        _count("inner_steps", 5, "gradient steps of the inner loop", "S"),
        Parameter(
            "init", "word", "ones", "feature weights at the start", choices=("ones", "uniform")
        ),
        Parameter("seed", "integer", 0, "seed of start, training and test", low=0),
        Parameter("target_error", "real", 0.01, "the test error to reach", r"\epsilon", low=0),
        Parameter("max_steps", "integer", max_steps, "outer steps, at most", low=1, high=10**7),
    )


def _count(name: str, default: int, meaning: str, symbol: str = "") -> Parameter:
    return Parameter(name, "integer", default, meaning, symbol, low=1, high=2**16)


def _odd(cell: Mapping[str, Value]) -> None:
    D = integer(cell, "D")
    if D % 2 == 0:
        raise ParameterError(
            "D", f"found {D}; allowed is an odd number: a constant, then sines and cosines in pairs"
        )


def _within_pool(cell: Mapping[str, Value]) -> None:
    D, pool = integer(cell, "D"), integer(cell, "pool")
    if pool <= D:
        raise ParameterError(
            "D", f"found {D}; allowed is ≤ pool - 1 = {pool - 1}: features beyond are not distinct"
        )


def _points_within_pool(cell: Mapping[str, Value]) -> None:
    n_train, n_val, pool = (integer(cell, name) for name in ("n_train", "n_val", "pool"))
    if n_train + n_val > pool:
        raise ParameterError(
            "n_train",
            f"found n_train + n_val = {n_train} + {n_val}; allowed is ≤ pool = {pool}: "
            "the points are disjoint",
        )


def _shots_within_pool(cell: Mapping[str, Value]) -> None:
    n_shot, pool = integer(cell, "n_shot"), integer(cell, "pool")
    if n_shot > pool:
        raise ParameterError("n_shot", f"found {n_shot}; allowed is ≤ pool = {pool}")


CONSTRAINTS = (
    Constraint(("D",), _odd),
    Constraint(("D", "pool"), _within_pool),
    Constraint(("n_train", "n_val", "pool"), _points_within_pool),
    Constraint(("n_shot", "pool"), _shots_within_pool),
)


def _broken(weights: Floats, step: int) -> str:
    largest = np.abs(weights).max()
    if not np.isfinite(largest):
        return f"a weight is not finite after outer step {step}"
    if largest > LARGEST_WEIGHT:
        return f"a weight exceeds {LARGEST_WEIGHT:g} in size after outer step {step}"
    return ""


def _blank(cells: int, D: int) -> Answers:
    return Answers(
        status=np.zeros(cells, dtype=np.int8),
        time_to_target=np.full(cells, np.nan),
        error_initial=np.empty(cells),
        error_final=np.empty(cells),
        time_final=np.empty(cells),
        rhs_evaluations=0,
        lists={"weights": np.empty((cells, D))},
        message=[""] * cells,
    )


def _record(answers: Answers, cells: NDArray[np.bool_], status: int, state: State) -> None:
    answers.status[cells] = status
    answers.error_final[cells] = state.error
    answers.time_final[cells] = state.step
    answers.lists["weights"][cells] = state.weights
