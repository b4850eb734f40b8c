"""From the parameters of a cell to what a simulation needs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sweep.models.fo_anil.parameters import start_overlaps
from sweep.models.fo_anil.simulation.reduced import POPULATION
from sweep.models.fo_anil.simulation.run import Start
from sweep.models.fo_anil.simulation.setting import ACTIVATIONS, Setting
from sweep.models.parameters import Value, number

ROUNDING = 1e-12
"""α N may fall short of a whole number by this much, relatively, and still count as that."""


def setting_of(cell: Mapping[str, Value]) -> Setting:
    """The constants of the simulation."""
    return Setting(
        N=int(number(cell["N"])),
        P=int(number(cell["P"])),
        V=int(number(cell["V"])),
        eta_w=number(cell["eta_w"]),
        eta_J=number(cell["eta_J"]),
        inner_steps=number(cell["inner_steps"]),
        sigma_u=number(cell["sigma_u"]),
        sigma_y=number(cell["sigma_y"]),
        sigma_B=number(cell["sigma_B"]),
        weight_decay=number(cell["weight_decay"]),
        activation=ACTIVATIONS.index(str(cell["activation"])),
    )


def start_of(cell: Mapping[str, Value]) -> Start:
    """The overlaps at α = 0."""
    return Start(*start_overlaps(cell))


def seed_of(cell: Mapping[str, Value]) -> int:
    """The seed of the samples, which is that of the start as well."""
    return int(number(cell["seed"]))


def tasks_until(alpha: float, N: int) -> int:
    """The tasks that fit into a time α, at least one."""
    return max(1, math.floor(alpha * N * (1 + ROUNDING)))


def window_of(solver: Mapping[str, Value], N: int) -> int:
    """The tasks over which the test error is averaged, at least one."""
    return max(1, round(number(solver["window"]) * N))


def n_test_of(solver: Mapping[str, Value]) -> int:
    """The samples of a test set."""
    n_test = number(solver["n_test"])
    return POPULATION if math.isinf(n_test) else int(n_test)
