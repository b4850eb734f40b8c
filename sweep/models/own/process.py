"""A model of one's own that is anything else, a simulation or a training run: it yields errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.models.base import Answers, Trace, Trajectory
from sweep.models.own.base import OwnModel, declared_columns, targets_of
from sweep.models.own.user import Call, as_numbers, check_calls
from sweep.models.own.values import Parameters, parameters_of
from sweep.models.parameters import Parameter, Value
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED, Status
from sweep.ode.arrays import Floats

FORECAST_S = 0.1
"""What a run is taken to cost before one is known; all are taken to be alike."""

CALLS = {"run": Call("run(p)", 1)}


@dataclass(frozen=True)
class Moment:
    """A time, the error then, and the further columns."""

    time: float
    error: float
    numbers: Mapping[str, float]


class Process(OwnModel):
    """A model given by a generator.

    Parameters
    ----------
    name : what grids, rows and pictures call it.
    parameters : declared by `integer`, `real`, `choice`, `flag`, `matrix`. `target_error`, the
        window (`<time>_max`), and `seed` come by themselves, unless they are among them.
    run : run(p) yields (time, error), or (time, error, {column: number}), in order of time; the
        sweep stops asking at the target or at the end of the window. The first error is that at
        the start. p has the cell's parameters, as p.eta or p["eta"].
    time : the name of the time.
    version : without it a hash of the file's text is part of the identity of a cell.
    columns : names of further numbers of a row, kept from the last pair asked for.

    Raises UsageError for what is wrong in itself.
    """

    solver: tuple[Parameter, ...] = ()
    holds_the_interpreter = True

    def __init__(
        self,
        name: str,
        parameters: Iterable[Parameter] = (),
        *,
        run: Callable[..., Any],
        time: str = "steps",
        version: int | str | None = None,
        columns: Iterable[str] = (),
    ) -> None:
        super().__init__(name, parameters, {"run": run}, time=time, longest=1000.0, version=version)
        check_calls({"run": run}, CALLS)
        self.number_columns = dict.fromkeys(declared_columns(columns, self.parameters), "float64")

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:  # noqa: ARG002
        """The same for every trajectory, as nothing is known of it."""
        return FORECAST_S

    def warm_up(self, trajectory: Trajectory) -> None:
        """Nothing is compiled."""

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:  # noqa: ARG002
        """Let the process run until every cell is answered."""
        targets = targets_of(trajectory.varying["target_error"])
        cells = _Cells(targets, trajectory.varying[self.window], self.time_name)
        run = self._moments(parameters_of(trajectory, self.declared))
        for moment in run:
            cells.see(moment)
            if not cells.open.any():
                break
        run.close()
        return cells.answers(tuple(self.number_columns))

    def trace(
        self,
        cell: Mapping[str, Value],
        solver: Mapping[str, Value],  # noqa: ARG002
        until: float,
        points: int,
    ) -> Trace:
        """The errors and further columns, of about so many of the times that were yielded."""
        moments: list[Moment] = []
        run = self._moments(Parameters(cell))
        for moment in run:
            if moment.time > until or not math.isfinite(moment.error):
                break
            moments.append(moment)
        run.close()
        keep = np.unique(np.linspace(0, max(len(moments) - 1, 0), points).round().astype(int))
        kept = [moments[i] for i in keep] if moments else []
        series = {"error": np.array([moment.error for moment in kept])}
        for name in self.number_columns:
            series[name] = np.array([moment.numbers[name] for moment in kept])
        return Trace(np.array([moment.time for moment in kept]), series)

    def _moments(self, p: Parameters) -> Generator[Moment, None, None]:
        """What the process yields. Raises TypeError or ValueError where it is not as declared."""
        run = self._functions["run"]
        assert run is not None
        given = run(p)
        if not isinstance(given, Iterable):
            raise TypeError(f"run: gave a {type(given).__name__}; it is to yield (time, error)")
        yielded = iter(given)
        time = -math.inf
        try:
            for found in yielded:
                moment = _moment(found, tuple(self.number_columns))
                if not time < moment.time < math.inf:
                    raise ValueError(
                        f"run: yielded {self.time_name} = {moment.time:g} after {time:g}; "
                        "each time must be later than the one before"
                    )
                time = moment.time
                yield moment
        finally:
            if hasattr(yielded, "close"):
                yielded.close()


def _moment(found: object, columns: tuple[str, ...]) -> Moment:
    """What was yielded, as (time, error) or (time, error, {column: number})."""
    allowed = "allowed is (time, error) or (time, error, {column: number})"
    if not isinstance(found, tuple | list) or len(found) not in (2, 3):
        raise TypeError(f"run: yielded {found!r:.60}; {allowed}")
    try:
        time, error = float(found[0]), float(found[1])
    except (TypeError, ValueError):
        raise TypeError(f"run: yielded {found!r:.60}; {allowed}") from None
    given = found[2] if len(found) == 3 else {}
    if not isinstance(given, Mapping) or any(name not in given for name in columns):
        missing = next((name for name in columns if name not in given), "")
        raise TypeError(f"run: yielded no number for the column {missing}; {allowed}")
    unknown = next((name for name in given if name not in columns), None)
    if unknown is not None:
        raise TypeError(f"run: yielded {unknown!r}, which is not among columns=")
    return Moment(time, error, as_numbers(given))


class _Cells:
    """What is known of each cell, as the moments come: when it ended, and how."""

    def __init__(self, targets: Floats, ends: Floats, time_name: str) -> None:
        self._targets, self._ends, self._time_name = targets, ends, time_name
        self._status: list[Status] = [NOT_REACHED] * len(targets)
        self._at: list[Moment | None] = [None] * len(targets)
        self._first: Moment | None = None
        self.open = np.ones(len(targets), dtype=bool)

    def see(self, moment: Moment) -> None:
        """Answer what this moment answers."""
        self._first = self._first or moment
        self.open &= moment.time <= self._ends
        for i in np.flatnonzero(self.open):
            self._at[i] = moment
            if moment.error <= self._targets[i]:
                self._status[i] = REACHED
            elif not math.isfinite(moment.error):
                self._status[i] = DIVERGED
        self.open &= [status is NOT_REACHED for status in self._status]

    def answers(self, columns: tuple[str, ...]) -> Answers:
        """The rows. Raises ValueError where a cell saw no moment at all."""
        if self._first is None or None in self._at:
            raise ValueError("run: yielded nothing up to the end of the window")
        at = [moment for moment in self._at if moment is not None]
        times = np.array([moment.time for moment in at])
        reached = np.array([status is REACHED for status in self._status])
        n = len(at)
        return Answers(
            status=np.array(self._status, dtype=np.int8),
            time_to_target=np.where(reached, times, np.nan),
            error_initial=np.full(n, self._first.error),
            error_final=np.array([moment.error for moment in at]),
            time_final=times,
            rhs_evaluations=0,
            numbers={name: np.array([m.numbers[name] for m in at]) for name in columns},
            message=[self._message(i, moment) for i, moment in enumerate(at)],
        )

    def _message(self, i: int, moment: Moment) -> str:
        where = f"at {self._time_name} = {moment.time:g}"
        if self._status[i] is DIVERGED:
            return f"the error is {moment.error:g} {where}"
        if self.open[i] and moment.time < self._ends[i]:
            return f"the run ended by itself {where}, before its window"
        return ""
