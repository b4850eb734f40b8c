"""A model of one's own that is a right-hand side: dy/dt = f(t, y), followed until g(y) is small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import UsageError
from sweep.models.answers import Ends, Words, answers_of
from sweep.models.base import Answers, Trace, Trajectory
from sweep.models.own.base import OwnModel, declared_columns, targets_of
from sweep.models.own.problem import BLUNDERS, Problem, problem_of
from sweep.models.own.source import ModelError, told
from sweep.models.own.user import Call, as_numbers, as_series, check_calls
from sweep.models.own.values import Parameters, parameters_of
from sweep.models.parameters import Parameter, Value, number
from sweep.ode.arrays import Floats
from sweep.ode.events import Questions
from sweep.ode.solve import Solution, ask, solve

SOLVER = (
    Parameter("rtol", "real", 1e-9, "relative tolerance of a step", low=1e-13, high=1e-2),
    Parameter(
        "atol", "real", 1e-20, "absolute tolerance of a step", low=0, high=1e300, open_low=True
    ),
    Parameter(
        "max_steps", "integer", 1_000_000, "a trajectory is given up after so many steps", low=1
    ),
)

FORECAST_S = 0.005
"""What a trajectory is taken to cost before one is known; all are taken to be alike."""

CALLS = {
    "start": Call("start(p)", 1),
    "constants": Call("constants(p)", 1),
    "slope": Call("slope(t, y, dy, c)", 4),
    "error": Call("error(y, c)", 2),
    "jacobian": Call("jacobian(t, y, J, c)", 4),
    "series": Call("series(p, y)", 2),
}

MET_AT_ONCE = ask(np.array([np.inf]), np.ones(1))[0]
"""A question for which no step is made."""

Columns = Iterable[str] | Mapping[str, Callable[[Parameters, Floats], float]]


class Ode(OwnModel):
    """A model given by its right-hand side.

    Parameters
    ----------
    name : what grids, rows and pictures call it.
    parameters : declared by `integer`, `real`, `choice`, `flag`, `matrix`. `target_error`, the
        window (`<time>_max`), and `seed` come by themselves, unless they are among them.
    start : start(p) -> the state at time 0, a vector of n numbers. p has the cell's parameters, as
        p.eta or p["eta"].
    slope : slope(t, y, dy, c) writes dy/dt, of length n, into dy. Compiled by numba.
    error : error(y, c) -> the number that is to fall to the target. Compiled by numba.
    constants : constants(p) -> c, a tuple or NamedTuple of numbers and arrays, made once a
        trajectory; without it c is ().
    jacobian : jacobian(t, y, J, c) writes ∂f_i/∂y_j into J, n × n. Compiled by numba.
    series : series(p, y) -> {name: array}, for states y (times × n); the first axis of each array
        is that of the times. Without it `sweep cell` shows y.
    time : the name of the time.
    version : without it a hash of the file's text is part of the identity of a cell.
    columns : further numbers of a row, from the state at its end: {name: f(p, y)}, or names of
        what `series` gives.
    answered_together : names of parameters that change neither the start, nor the slope or the
        error, but what is read off (in `columns`): cells that differ in them share a trajectory.

    Raises UsageError for what is wrong in itself.
    """

    solver = SOLVER

    def __init__(
        self,
        name: str,
        parameters: Iterable[Parameter] = (),
        *,
        start: Callable[..., Any],
        slope: Callable[..., Any],
        error: Callable[..., Any],
        constants: Callable[..., Any] | None = None,
        jacobian: Callable[..., Any] | None = None,
        series: Callable[..., Any] | None = None,
        time: str = "t",
        version: int | str | None = None,
        columns: Columns = (),
        answered_together: Iterable[str] = (),
    ) -> None:
        functions = {
            "start": start,
            "constants": constants,
            "slope": slope,
            "error": error,
            "jacobian": jacobian,
            "series": series,
        }
        super().__init__(
            name,
            parameters,
            functions,
            time=time,
            longest=100.0,
            version=version,
            answered_together=answered_together,
        )
        check_calls(functions, CALLS)
        self._columns = columns if isinstance(columns, Mapping) else {}
        names = declared_columns(columns, self.parameters)
        self._of_series = () if self._columns else names
        self.number_columns = dict.fromkeys(names, "float64")

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:  # noqa: ARG002
        """The same for every trajectory, as nothing is known of it."""
        return FORECAST_S

    def warm_up(self, trajectory: Trajectory) -> None:
        """Compile the functions, and try them once. Raises UsageError where they are no model."""
        try:
            p = parameters_of(trajectory, self.declared)
            settings = {setting.name: setting.default for setting in SOLVER}
            problem, _ = self._integrate(p, MET_AT_ONCE, settings)
            start = problem.start[: problem.size]
            self._series(p, start[None])
            self._row(p, start)
        except (UsageError, *BLUNDERS) as error:
            if isinstance(error, UsageError):
                raise
            return  # of this cell; its row will say so
        except Exception as error:
            raise ModelError(*told(error, self.where())) from error

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        """Integrate once and read off every cell's answer."""
        varying = trajectory.varying
        targets = targets_of(varying["target_error"])
        questions, target_of, end_of = ask(targets, varying[self.window])
        p = parameters_of(trajectory, self.declared)
        problem, solution = self._integrate(p, questions, solver)
        ends = Ends(questions.ends, target_of, end_of, varying["target_error"])
        why = problem.why_it_broke(solution)
        read = answers_of(solution, ends, Words(self.time_name), why=why)
        states = read.states[:, : problem.size]
        return Answers(
            status=read.status,
            time_to_target=read.time_to_target,
            error_initial=read.error_initial,
            error_final=read.error_final,
            time_final=read.time_final,
            rhs_evaluations=solution.evaluations,
            numbers=self._numbers(trajectory, states),
            message=read.message,
        )

    def trace(
        self, cell: Mapping[str, Value], solver: Mapping[str, Value], until: float, points: int
    ) -> Trace:
        """The error, and what `series` gives, each at its time to the integrator's accuracy."""
        times = np.linspace(0.0, until, points)
        questions, _, end_of = ask(np.full(points, -np.inf), times)
        p = Parameters(cell)
        problem, solution = self._integrate(p, questions, solver)
        error = solution.replies.end_value[end_of]
        passed = np.isfinite(error)
        states = solution.replies.end_state[end_of][passed][:, : problem.size]
        return Trace(times[passed], {"error": error[passed], **self._series(p, states)})

    def _integrate(
        self, p: Parameters, questions: Questions, solver: Mapping[str, Value]
    ) -> tuple[Problem, Solution]:
        problem = problem_of(self, self._functions, p)
        solution = solve(
            problem.equations,
            problem.start,
            questions,
            problem.constants,
            problem.memory,
            rtol=number(solver["rtol"]),
            atol=number(solver["atol"]),
            probe=True,
            max_steps=int(number(solver["max_steps"])),
        )
        return problem, solution

    def _series(self, p: Parameters, states: Floats) -> dict[str, Floats]:
        series = self._functions["series"]
        if series is None:
            return {"y": states}
        return as_series(series(p, states.copy()), len(states), ("error", self.time_name))

    def _numbers(self, trajectory: Trajectory, states: Floats) -> dict[str, NDArray[np.generic]]:
        """The further columns, each of shape (cells,), from the states at the cells' ends."""
        if not self.number_columns:
            return {}
        rows = [
            self._row(parameters_of(trajectory, self.declared, i), state)
            for i, state in enumerate(states)
        ]
        return {name: np.array([row[name] for row in rows]) for name in self.number_columns}

    def _row(self, p: Parameters, state: Floats) -> dict[str, float]:
        if self._columns:
            return as_numbers({name: f(p, state.copy()) for name, f in self._columns.items()})
        if not self._of_series:
            return {}
        found = self._series(p, state[None])
        for name in self._of_series:
            if name not in found:
                there = ", ".join(found)
                raise TypeError(f"columns: {name} is none of what series gives ({there})")
        return as_numbers({name: found[name][0] for name in self._of_series})
