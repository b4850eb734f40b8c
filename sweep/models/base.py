"""What every model offers to the sweep.

A model declares its parameters and the conditions between them, says which cells one trajectory
answers, and integrates a trajectory into the answers of its cells. It knows no file, no pool and
no picture.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sweep.cells import Cells, Index
from sweep.parameters import Parameter, Value

STATUSES = ("reached", "not_reached", "diverged", "failed")
REACHED, NOT_REACHED, DIVERGED, FAILED = range(4)

Floats = NDArray[np.float64]


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

    status: NDArray[np.int8]
    time_to_target: Floats
    error_initial: Floats
    error_final: Floats
    time_final: Floats
    rhs_evaluations: int
    lists: dict[str, Floats] = field(default_factory=dict)
    numbers: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    message: Sequence[str] = ()


class Model(ABC):
    """A learning dynamics. Subclasses are stateless; one instance `MODEL` a module."""

    name: ClassVar[str]
    version: ClassVar[int]
    time_symbol: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    solver: ClassVar[tuple[Parameter, ...]]
    constraints: ClassVar[tuple[Constraint, ...]] = ()
    answered_together: ClassVar[tuple[str, ...]] = ()
    list_columns: ClassVar[tuple[str, ...]] = ()
    number_columns: ClassVar[Mapping[str, str]] = {}
    """Further columns of numbers: name -> "int64" or "float64"."""

    def dynamics_keys(self, cells: Cells) -> list[NDArray[np.generic]]:  # noqa: ARG002
        """Arrays that must agree for two cells to be answered by one trajectory.

        Beside these, all parameters not in `answered_together` must agree.
        """
        return []

    def warnings(self, cells: Cells) -> list[str]:  # noqa: ARG002
        """What the user should know before these cells are run, one line each."""
        return []

    @abstractmethod
    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:
        """A rough forecast of the seconds `solve` takes on one core."""

    @abstractmethod
    def warm_up(self) -> None:
        """Load or compile what `solve` needs, so that threads do not do it at the same time."""

    @abstractmethod
    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        """Integrate one trajectory and answer its cells. Any exception makes them failed rows."""
