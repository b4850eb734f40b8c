"""What kinds of equations there are: of which activation, for finite or infinitely many samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sweep.models.fo_anil.state import Memory, Problem, flat_size, memory, overlaps_of, state
from sweep.ode.arrays import Floats
from sweep.ode.equations import Equations

Rewrite = Callable[[Floats, int, int], Floats]
"""States (… × n) of K student and M teacher units, written in another way."""


def _nothing(K: int, M: int) -> int:  # noqa: ARG001
    return 0


def _as_it_is(states: Floats, K: int, M: int) -> Floats:  # noqa: ARG001
    return states


Place = Callable[[Problem, Floats, Floats], None]
"""Writes into its last argument; the one before is the covariance (M × M) of a task's teacher."""


def _not_at_all(problem: Problem, T: Floats, flat: Floats) -> None:
    pass


class Kind(NamedTuple):
    """The equations of one kind of problem.

    extra: how much memory they need of their own, for K and M; place: writes into that what depends
    on the teacher alone.
    encode, decode: the usual states (see `state`) as those that the equations are for, and back.
    probe: whether they do not know what rounding does to a slope.
    """

    equations: Equations
    extra: Callable[[int, int], int] = _nothing
    place: Place = _not_at_all
    encode: Rewrite = _as_it_is
    decode: Rewrite = _as_it_is
    probe: bool = False


class Activation(NamedTuple):
    """The equations of one activation.

    infinite: at P = ∞; finite: at finite P, None where there are none. noisy: whether they hold at
    finite V, too.
    """

    infinite: Kind
    finite: Kind | None
    noisy: bool


def natural_sizes(kind: Kind, K: int, T: Floats, y: Floats) -> Floats:
    """√(Q_kk Q_ll) and √(Q_kk T_nn) in place of Q_kl and R_kn, for a state of this kind."""
    Q, _ = overlaps_of(kind.decode(y, K, len(T)), K, len(T))
    own = np.sqrt(np.abs(np.diag(Q)))
    return state(np.outer(own, own), np.outer(own, np.sqrt(np.diag(T))))


def space_of(kind: Kind, problem: Problem, T: Floats, sigma_B: float) -> Memory:
    """The memory for equations of a kind."""
    K, M = problem.K, problem.M
    space = memory(K, T, sigma_B, kind.extra(K, M))
    kind.place(problem, T + sigma_B**2 * np.eye(M), space.flat[flat_size(K, M) :])
    return space
