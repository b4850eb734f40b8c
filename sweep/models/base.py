"""What every model offers to the sweep.

A model declares its parameters and the conditions between them, what its rows, titles and pictures
are made of, and what its courses hold. It says which cells one trajectory answers, and integrates
a trajectory into the answers of its cells. It knows no file and no pool, and its pictures by name
alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import UsageError
from sweep.models.cells import Cells
from sweep.models.parameters import Parameter, Value
from sweep.models.status import REACHED, StatusCodes
from sweep.ode.arrays import Floats, Index


@dataclass(frozen=True)
class Constraint:
    """A condition between parameters: `check` gets the named ones and raises ParameterError."""

    names: tuple[str, ...]
    check: Callable[[Mapping[str, Value]], None]


@dataclass(frozen=True)
class Trajectory:
    """One integration and the cells it answers.

    cells: their positions in the table of cells. shared: the parameters they have in common.
    varying: for each of the model's `answered_together`, the value of every cell.
    """

    cells: Index
    shared: Mapping[str, Value]
    varying: Mapping[str, Floats]


@dataclass
class Answers:
    """The rows of one trajectory, as columns; entry i belongs to `trajectory.cells[i]`.

    NaN in a float column means "no value" and is stored as null. lists: for each of the model's
    `list_columns` an array of shape (cells, length). numbers: the model's `number_columns`.
    """

    status: StatusCodes
    time_to_target: Floats
    error_initial: Floats
    error_final: Floats
    time_final: Floats
    rhs_evaluations: int
    lists: dict[str, Floats] = field(default_factory=dict)
    numbers: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    message: Sequence[str] = ()

    def checked(self) -> Answers:
        """Themselves. Raises ValueError where rows of them would be taken for damaged ones."""
        if ((self.status == REACHED) & np.isnan(self.time_to_target)).any():
            raise ValueError("the target is reached, and no time says when")
        return self


@dataclass(frozen=True)
class Block:
    """The answers of one trajectory and what it cost; where it failed, `failure` says why."""

    cells: Index
    answers: Answers | None
    wall_s: float
    failure: str = ""


OUT_OF_REACH = -1.0
"""A target that no trajectory meets, since errors are mean squares."""


def within_reach(targets: Floats) -> Floats:
    """The targets, with OUT_OF_REACH for 0, which rounding may make of a small error."""
    return np.where(targets > 0, targets, OUT_OF_REACH)


@dataclass(frozen=True)
class Trace:
    """The course of one cell at n times, whatever its target.

    series: by name, an array of shape (n, …), so of numbers, vectors or matrices.
    """

    time: Floats
    series: Mapping[str, Floats]


@dataclass(frozen=True)
class Series:
    """What a course holds under one name: a number, a vector or a matrix at every time.

    symbol: LaTeX or words; by default the name. indices: those of an entry where its axis speaks of
    all entries, as kn in R_kn. log: its axis is logarithmic. symmetric: it is a symmetric matrix.
    """

    symbol: str = ""
    indices: str = ""
    log: bool = False
    symmetric: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture of single cells, drawn by the part of `sweep.plots` that its name stands for there.

    meaning: what it shows, on one line. alike: the parameters in which the cells of one picture
    must agree; None: it is of one cell. details: computes what it shows, from the model and the
    parameters of every cell; None: it shows the courses of the cells.
    """

    meaning: str
    alike: tuple[str, ...] | None = ()
    details: Callable[[Any, Sequence[Mapping[str, Value]]], object] | None = None


@dataclass(frozen=True)
class Column:
    """What a picture says of a column that is the model's own.

    label: LaTeX or words; of a column of lists that of an entry, with {} for its number from 1.
    within: the range of colours and heights, where all values are in it.
    """

    label: str
    within: tuple[float, float] | None = None


COURSE: Mapping[str, Picture] = {"course": Picture("everything that a course holds, against time")}
"""The picture that any model has whose cells have courses."""


class Model(ABC):
    """A learning dynamics. Subclasses are stateless; one instance `MODEL` a module."""

    name: str
    meaning: str = ""
    """What it is, on one line."""
    version: int | str
    sources: str = ""
    """A hash of what its answers depend on beside this package; empty for models that ship."""
    time_symbol: str
    """LaTeX or words."""
    time_name: str = "alpha"
    """The time as the name of a column."""
    window: str = "alpha_max"
    """The parameter that says when a trajectory ends at the latest."""
    window_only_ends: bool = False
    """Whether the row of a cell that reaches its target is the same in any window that holds the
    time at which it does."""
    parameters: tuple[Parameter, ...]
    solver: tuple[Parameter, ...]
    constraints: tuple[Constraint, ...] = ()
    answered_together: tuple[str, ...] = ()
    list_columns: tuple[str, ...] = ()
    number_columns: Mapping[str, str] = {}
    """Further columns of numbers: name -> "int64" or "float64"."""
    column_meanings: Mapping[str, str] = {}
    """What the columns above hold, in words."""
    columns: Mapping[str, Column] = {}
    """What pictures say of the columns above; by default their names."""
    preferred_axes: tuple[str, ...] = ()
    """The parameters that a picture has on x and y, in this order, unless told otherwise."""
    starter: Mapping[str, object] = {}
    """What a first grid of it says that is to end in seconds, beside the defaults: values, and axes
    as a grid file has them."""
    kernels_by: tuple[str, ...] = ()
    """The parameters on which it depends which kernels a trajectory takes."""
    always_named: tuple[str, ...] = ()
    """Parameters that the title of a picture of cells names even at their defaults."""
    never_named: tuple[str, ...] = ("target_error", "alpha_max")
    """Parameters that it does not name, since the picture shows them."""
    series: Mapping[str, Series] = {"error": Series(r"\varepsilon", log=True)}
    """What its courses hold, from the top of a picture to its bottom."""
    pictures: Mapping[str, Picture] = COURSE
    """Its pictures of single cells, the usual one first."""
    knows_costs: bool = True
    """Whether `cost` says anything before a trajectory was timed."""
    source_text: str = ""
    """The text of its file, where it is a user's own."""
    is_versioned: bool = True
    """Whether `version` says when its answers change; else every change of its file does."""
    holds_the_interpreter: bool = False
    """Whether `solve` lets no other thread run, so that only processes compute side by side."""

    def dynamics_keys(self, cells: Cells) -> list[NDArray[np.generic]]:  # noqa: ARG002
        """Arrays that must agree for two cells to be answered by one trajectory.

        Beside these, all parameters not in `answered_together` must agree.
        """
        return []

    def warnings(self, cells: Cells) -> list[str]:  # noqa: ARG002
        """What the user should know before these cells are run, one line each."""
        return []

    def averaging(
        self,
        cell: Mapping[str, Value],  # noqa: ARG002
        solver: Mapping[str, Value],  # noqa: ARG002
    ) -> str:
        """What error_initial and error_final are means over, in words; empty for single times."""
        return ""

    @abstractmethod
    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:
        """A rough forecast of the seconds `solve` takes on one core, of a machine like any other.

        It is corrected by what trajectories have taken; so what counts is how they compare.
        """

    def kernels(self, trajectory: Trajectory) -> str:  # noqa: ARG002
        """The kernels that a trajectory takes, in words; no two sets of kernels have the same."""
        return f"the kernels of {self.name}"

    @abstractmethod
    def warm_up(self, trajectory: Trajectory) -> None:
        """Load or compile what `solve` needs for trajectories with the same `kernels` as this.

        Raises UsageError where the model itself is at fault.
        """

    @abstractmethod
    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        """Integrate one trajectory and answer its cells. Any exception makes them failed rows."""

    def story(self, error: BaseException) -> str:
        """What the row of a cell says of the exception that ended it."""
        return f"{type(error).__name__}: {error}"

    def trace(
        self,
        cell: Mapping[str, Value],  # noqa: ARG002
        solver: Mapping[str, Value],  # noqa: ARG002
        until: float,  # noqa: ARG002
        points: int,  # noqa: ARG002
    ) -> Trace:
        """Follow one cell at about so many evenly spaced times from 0 to `until`.

        Its error begins with the cell's error_initial. The trace ends earlier where the trajectory
        breaks off. Raises UsageError.
        """
        raise UsageError(f"model {self.name}: shows no course of a cell; `sweep run` answers it")

    def alone(self, cell: Mapping[str, Value]) -> Trajectory:
        """The trajectory that answers this cell and no other."""
        together = self.answered_together
        shared = {name: value for name, value in cell.items() if name not in together}
        varying = {name: np.array([cell[name]], dtype=np.float64) for name in together}
        return Trajectory(np.zeros(1, dtype=np.int64), shared, varying)
