"""What the cells of one integration come to, from the integrator's replies to their questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sweep.models.status import DIVERGED, FAILED, NOT_REACHED, REACHED, Status, StatusCodes
from sweep.ode.arrays import Floats, Index
from sweep.ode.integrator import (
    BLEW_UP,
    LARGEST_STATE,
    LARGEST_VALUE,
    RAN_AWAY,
    STUCK,
    TOO_LONG,
    Outcome,
)
from sweep.ode.solve import Solution


class Ends(NamedTuple):
    """What the cells asked: as `ode.solve.ask` has it, and the targets as the rows have them."""

    ends: Floats
    target_of: Index
    end_of: Index
    targets: Floats


@dataclass(frozen=True)
class Words:
    """What a model calls what it integrates, where it says why a cell broke off.

    undefined: what becomes of a cell whose error is no number.
    """

    time: str
    grew: str = "a component of the state grew"
    grows: str = "the state grows"
    too_long: str = "too many steps (max_steps of [solver])"
    undefined: Status = FAILED


@dataclass(frozen=True)
class Read:
    """The answers of n cells, each in its own time; states: (n × size), at their ends."""

    status: StatusCodes
    time_to_target: Floats
    error_initial: Floats
    error_final: Floats
    time_final: Floats
    states: Floats
    message: list[str]


def answers_of(
    solution: Solution, asked: Ends, words: Words, clock: Floats | None = None, why: str = ""
) -> Read:
    """Read off the answers.

    clock: how much time passes for the integrator in a unit of each cell's; by default as much.
    why: what else is to be said of a cell that broke off.
    """
    replies, outcome = solution.replies, solution.outcome
    crossing, end = replies.crossing[asked.target_of], asked.ends[asked.end_of]
    clock = np.ones(len(end)) if clock is None else clock
    reached = crossing <= end  # False for NaN
    passed = ~reached & ~np.isnan(replies.end_value[asked.end_of])
    broken = ~reached & ~passed
    time = np.where(reached, crossing, np.where(passed, end, outcome.t)) / clock
    states = np.where(passed[:, None], replies.end_state[asked.end_of], solution.last)
    states = np.where(reached[:, None], replies.crossing_state[asked.target_of], states)
    error = np.where(passed, replies.end_value[asked.end_of], outcome.value)
    error = np.where(reached, np.minimum(asked.targets, outcome.value_initial), error)
    status = np.where(reached, REACHED, NOT_REACHED)
    status[broken] = _fate(outcome, words)
    message = [""] * len(time)
    for i in np.flatnonzero(broken):
        message[i] = how_it_broke(outcome, outcome.t / clock[i], words) + (
            f"; {why}" if why else ""
        )
    return Read(
        status=status.astype(np.int8),
        time_to_target=np.where(reached, time, np.nan),
        error_initial=np.full(len(time), outcome.value_initial),
        error_final=error,
        time_final=time,
        states=states,
        message=message,
    )


def _fate(outcome: Outcome, words: Words) -> Status:
    """What became of the cells that broke off."""
    if outcome.code not in (RAN_AWAY, BLEW_UP):
        return FAILED
    undefined = outcome.code == BLEW_UP and np.isnan(outcome.value)
    return words.undefined if undefined else DIVERGED


def how_it_broke(outcome: Outcome, time: float, words: Words) -> str:
    """Why an integration ended, at a time of a cell's, before the cell's window did."""
    where = f"{words.time} = {time:.6g}"
    if outcome.code == BLEW_UP:
        if outcome.value <= LARGEST_VALUE:
            return f"{words.grew} beyond {LARGEST_STATE:g} at {where}"
        return f"the error is {outcome.value:.3g} at {where}"
    if outcome.code == RAN_AWAY:
        return f"{words.grows} without bound at {where}, where the error is {outcome.value:.3g}"
    if outcome.code == STUCK:
        return f"the step became too small to go on at {where}"
    if outcome.code == TOO_LONG:
        return f"{words.too_long}; gave up at {where}"
    return f"no step could be made to the end of the window, just before {where}"
