"""What the cells of one integration come to, from the integrator's replies to their questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sweep.models.status import DIVERGED, FAILED, NOT_REACHED, REACHED, StatusCodes
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
class Read:
    """The answers of n cells, in the integrator's time; states: (n × size), at their ends."""

    status: StatusCodes
    time_to_target: Floats
    error_initial: Floats
    error_final: Floats
    time_final: Floats
    states: Floats
    message: list[str]


def answers_of(solution: Solution, asked: Ends, time_name: str, why: str = "") -> Read:
    """Read off the answers. why: what else is to be said of a cell that broke off."""
    replies, outcome = solution.replies, solution.outcome
    crossing, end = replies.crossing[asked.target_of], asked.ends[asked.end_of]
    reached = crossing <= end  # False for NaN
    passed = ~reached & ~np.isnan(replies.end_value[asked.end_of])
    broken = ~reached & ~passed
    time = np.where(reached, crossing, np.where(passed, end, outcome.t))
    states = np.where(passed[:, None], replies.end_state[asked.end_of], solution.last)
    states = np.where(reached[:, None], replies.crossing_state[asked.target_of], states)
    error = np.where(passed, replies.end_value[asked.end_of], outcome.value)
    error = np.where(reached, np.minimum(asked.targets, outcome.value_initial), error)
    status = np.where(reached, REACHED, NOT_REACHED)
    status[broken] = DIVERGED if _grew(outcome) else FAILED
    story = how_it_broke(outcome, time_name) + (f"; {why}" if why else "")
    return Read(
        status=status.astype(np.int8),
        time_to_target=np.where(reached, time, np.nan),
        error_initial=np.full(len(time), outcome.value_initial),
        error_final=error,
        time_final=time,
        states=states,
        message=[story if b else "" for b in broken],
    )


def _grew(outcome: Outcome) -> bool:
    return outcome.code == RAN_AWAY or (outcome.code == BLEW_UP and not np.isnan(outcome.value))


def how_it_broke(outcome: Outcome, time_name: str) -> str:
    """Why an integration ended before the window of a cell."""
    where = f"at {time_name} = {outcome.t:.6g}"
    if outcome.code == BLEW_UP:
        if outcome.value <= LARGEST_VALUE:
            return f"a component of the state grew beyond {LARGEST_STATE:g} {where}"
        return f"the error is {outcome.value:.3g} {where}"
    if outcome.code == RAN_AWAY:
        return f"the state grows without bound {where}, where the error is {outcome.value:.3g}"
    if outcome.code == STUCK:
        return f"the step became too small to go on {where}"
    if outcome.code == TOO_LONG:
        return f"too many steps (max_steps of [solver]); gave up {where}"
    return (
        f"no step could be made to the end of the window, just before {time_name} = {outcome.t:.6g}"
    )
