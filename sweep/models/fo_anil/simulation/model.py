"""The model `fo-anil-simulation`: the cells of `fo-anil`, answered by simulating the algorithm.

Model, conventions and time: see `setting`; how it is simulated: see `reduced`. The error is that
of the adapted learner on a fresh test set of `n_test` samples of every task, without label noise,
averaged over the tasks of a window of α; time_to_target is the middle of the first window whose
average is at or below the target (see `passage`). error_initial is the average over the first
window, error_final that over the last; Q and R are those at time_final, where the cell ended.
rhs_evaluations is the number of tasks simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sweep.errors import ParameterError
from sweep.models.base import Answers, Constraint, Model, Trace, Trajectory, within_reach
from sweep.models.fo_anil.effort import chance_of_missing
from sweep.models.fo_anil.outcome import cosines
from sweep.models.fo_anil.parameters import ACTIVATION, PARAMETERS, START
from sweep.models.fo_anil.shown import ALWAYS_NAMED, OVERLAPS, PICTURES, PREFERRED_AXES, SERIES
from sweep.models.fo_anil.simulation.cell import (
    n_test_of,
    seed_of,
    setting_of,
    start_of,
    tasks_until,
    window_of,
)
from sweep.models.fo_anil.simulation.curves import curves
from sweep.models.fo_anil.simulation.passage import Passages
from sweep.models.fo_anil.simulation.run import Start, stretches
from sweep.models.fo_anil.simulation.setting import Setting
from sweep.models.parameters import Parameter, Value, number
from sweep.ode import news

SAMPLES = 100.0
"""The default of P and V, which are infinite by default in the theory."""

DIMENSION = Parameter("N", "integer", 1000, "input dimension", "N", low=4)

WINDOW = Parameter("window", "real", 0.05, "Δα over which the test error is averaged", low=0)

TEST_SIZE = Parameter(
    "n_test",
    "real",
    10.0,
    "test samples a task; inf is the average over all inputs",
    low=1,
    whole=True,
    infinite=True,
)

# What a task took on one core of 2023, by fields (drawn and activated) and by pairs of fields
# (the students' projections and the outer step) of every sample.
SECONDS_A_TASK = 0.8e-6
SECONDS_A_FIELD = 3.6e-9
SECONDS_A_PAIR = 0.13e-9


def _simulated(parameter: Parameter) -> Parameter:
    if parameter.name in ("P", "V"):
        return replace(parameter, default=SAMPLES, infinite=False)
    if parameter.name == "seed":
        return replace(parameter, meaning="seed of the start and of all samples")
    return parameter


def _check_dimension(cell: Mapping[str, Value]) -> None:
    lowest = 2 * (number(cell["K"]) + number(cell["M"]))
    if number(cell["N"]) < lowest:
        raise ParameterError("N", f"found {cell['N']}; allowed is ≥ 2 (K + M) = {lowest:g}")


class Simulation(Model):
    """FO-ANIL, task by task."""

    name = "fo-anil-simulation"
    meaning = "first-order ANIL in the teacher–student setting, simulated task by task"
    version = 1
    time_symbol = "α"
    parameters = (*map(_simulated, PARAMETERS), DIMENSION, replace(ACTIVATION, later=True))
    solver = (WINDOW, TEST_SIZE)
    constraints = (START, Constraint(("N", "K", "M"), _check_dimension))
    answered_together = ("target_error", "alpha_max")
    list_columns = ("Q", "R")
    column_meanings = OVERLAPS
    preferred_axes = PREFERRED_AXES
    starter = {"N": 200, "target_error": 0.1, "alpha_max": 40.0}  # noqa: RUF012
    always_named = ALWAYS_NAMED
    series = SERIES
    pictures = PICTURES

    def averaging(self, cell: Mapping[str, Value], solver: Mapping[str, Value]) -> str:
        """The first and the last window."""
        N = int(number(cell["N"]))
        window = min(window_of(solver, N), tasks_until(number(cell["alpha_max"]), N))
        return f"means over the first and the last Δα = {window / N:g}"

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:
        """That of the tasks of its window, some of which are not needed where targets are met."""
        cell = trajectory.shared
        fields = number(cell["K"]) + number(cell["M"])
        samples = number(cell["P"]) + number(cell["V"]) + n_test_of(solver)
        alpha = float(trajectory.varying["alpha_max"].max())
        tasks = tasks_until(alpha, int(number(cell["N"])))
        seconds_a_sample = fields * (SECONDS_A_FIELD + SECONDS_A_PAIR * fields)
        seconds_a_task = SECONDS_A_TASK + seconds_a_sample * samples
        return chance_of_missing(trajectory) * tasks * seconds_a_task

    def warm_up(self, trajectory: Trajectory) -> None:
        """By two tasks of a small network."""
        start = Start(np.eye(1), np.zeros((1, 1)), np.eye(1))
        with news.about(self.kernels(trajectory)):
            for _ in stretches(start, Setting(4, 1, 1, 1.0, 1.0), 1, 1, 0, 2):
                pass

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        """Simulate until every cell has ended."""
        cell = trajectory.shared
        setting, start = setting_of(cell), start_of(cell)
        window = window_of(solver, setting.N)
        last = np.array(
            [tasks_until(alpha, setting.N) for alpha in trajectory.varying["alpha_max"]]
        )
        targets = within_reach(trajectory.varying["target_error"])
        passages = Passages(targets, last, window, start)
        tasks = 0
        for stretch in stretches(
            start, setting, n_test_of(solver), window, seed_of(cell), int(last.max())
        ):
            tasks = stretch.done + len(stretch.errors)
            passages.watch(stretch)
            if not passages.pending():
                break
        # Cells are pending here only where the run broke off.
        passages.diverge()
        return passages.answers(setting.N, tasks)

    def trace(
        self, cell: Mapping[str, Value], solver: Mapping[str, Value], until: float, points: int
    ) -> Trace:
        """The test error, averaged over the window, the overlaps and their cosines."""
        found = curves({**cell, "alpha_max": until}, solver, points)
        rho = cosines(found.Q, found.R, start_of(cell).T)
        series = {"error": found.error, "Q": found.Q, "R": found.R, "rho": rho}
        return Trace(found.time, series)


MODEL = Simulation()
