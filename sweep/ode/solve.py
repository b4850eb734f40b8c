"""From a start and a list of questions to the replies: the compiled integrator behind one call."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sweep.ode.arrays import Floats, Index
from sweep.ode.coast import Lookout, Sizes
from sweep.ode.compiled import Pointer, compile_for, direct
from sweep.ode.equations import Constants, Equations, Memory
from sweep.ode.events import Questions, Replies
from sweep.ode.integrator import FINISHED, LOOK, MAX_STEPS, Outcome, integrate
from sweep.ode.progress import Progress, answered, beginning, first
from sweep.ode.steps import buffers, take_step


class Solution(NamedTuple):
    """The replies, the last state y, how the integration ended, and what it cost."""

    replies: Replies
    last: Floats
    outcome: Outcome
    evaluations: int


def solve(
    equations: Equations,
    y: Floats,
    questions: Questions,
    constants: Constants,
    memory: Memory,
    *,
    rtol: float,
    atol: float,
    probe: bool = False,
    sizes: Sizes | None = None,
    max_steps: int = MAX_STEPS,
) -> Solution:
    """Integrate from state y (n) at t = 0 until all is answered.

    constants, memory: tuples of numbers and contiguous arrays, for whose types the equations are
    compiled when these are first met. probe: whether what rounding does to a slope is seen from a
    second evaluation, of a state changed in its last digits, where the equations cannot tell.
    """
    key = (equations, _types_of(constants), _types_of(memory))
    compiled = _known.get(key)
    if compiled is None:
        compiled = _known[key] = _compile(equations, y, constants, memory)
    buffer = buffers(y.size)
    replies = _empty(len(questions.targets), len(questions.ends), y.size)
    last = np.array(y, dtype=np.float64)
    lookout = Lookout(sizes, rtol, replies) if sizes is not None else None

    def go_on(progress: Progress, questions: Questions) -> tuple[Outcome, Progress]:
        return compiled.integrate(
            last, progress, questions, replies, rtol, atol, max_steps, probe, compiled.slope,
            compiled.observable, compiled.resolution, compiled.jacobian, compiled.take_step,
            constants, memory, buffer,
        )  # fmt: skip

    outcome, progress = go_on(beginning(watched=lookout is not None), questions)
    while lookout is not None and (outcome.code == LOOK or progress.watch.coasting):
        if outcome.code == LOOK:
            progress = lookout.look(progress, last, buffer)
        else:  # it came to no good end
            progress = lookout.go_back(progress.now.t, last, buffer)
        if progress.watch.coasting and answered(progress, questions):
            outcome = outcome._replace(code=FINISHED)
            if lookout.crossed(progress):
                at_end = last.copy()
                met = first(progress.target, questions)
                go_on(lookout.go_back(math.inf, last, buffer), met)
                last[:] = at_end
            break
        outcome, progress = go_on(progress, questions)
    if lookout is not None:
        lookout.tell()
    return Solution(replies, last, outcome, int(buffer.integers[-1]))


def ask(targets: Floats, ends: Floats) -> tuple[Questions, Index, Index]:
    """The questions of cells that want to know when g falls to targets[i], until time ends[i].

    Returns also, for each cell, the position of its target and of its end among the questions.
    """
    distinct, target_of = np.unique(-targets, return_inverse=True)
    distinct_ends, end_of = np.unique(ends, return_inverse=True)
    latest = np.zeros(len(distinct))
    np.maximum.at(latest, target_of, ends)
    lowest = np.zeros(len(distinct_ends), dtype=np.int64)
    np.maximum.at(lowest, end_of, target_of)
    needed_until = np.maximum.accumulate(latest[::-1])[::-1].copy()
    questions = Questions(-distinct, needed_until, distinct_ends, lowest)
    return questions, target_of.astype(np.int64), end_of.astype(np.int64)


class _Compiled(NamedTuple):
    integrate: Callable[..., tuple[Outcome, Progress]]
    slope: Pointer
    observable: Pointer
    resolution: Pointer
    jacobian: Pointer
    take_step: Pointer


_known: dict[tuple[object, ...], _Compiled] = {}


def _types_of(values: tuple[object, ...]) -> tuple[object, ...]:
    """What tells tuples apart for which there must be kernels of their own."""
    parts: list[object] = [type(values)]
    for value in values:
        if isinstance(value, np.ndarray):
            parts.append((value.dtype.char, value.ndim))
        else:
            parts.append(_types_of(value) if isinstance(value, tuple) else type(value))
    return tuple(parts)


def _compile(equations: Equations, y: Floats, constants: Constants, memory: Memory) -> _Compiled:
    """The integrator and these equations, compiled for arguments of these types."""
    given = (constants, memory)
    buffer = buffers(y.size)
    slope = _pointer(equations.slope, y, y, *given)
    pointers = (
        slope,
        _pointer(equations.observable, y, *given),
        _pointer(equations.resolution, y, y, y, *given),
        _pointer(equations.jacobian, y, y, buffer.rows, buffer.rows, slope, *given),
        _pointer(take_step, False, y, 1.0, buffer.rows, y, slope, *given, buffer),
    )
    questions, _, _ = ask(np.ones(1), np.ones(1))
    signature = compile_for(
        integrate, y, beginning(watched=False), questions, _empty(1, 1, y.size), 1.0, 1.0, 1, False,
        *pointers, *given, buffer,
    )  # fmt: skip
    return _Compiled(direct(integrate, signature), *pointers)


def _pointer(function: Callable[..., object], *arguments: object) -> Pointer:
    return Pointer(function, compile_for(function, *arguments))


def _empty(targets: int, ends: int, n: int) -> Replies:
    return Replies(
        np.full(targets, np.nan),
        np.full((targets, n), np.nan),
        np.full((ends, n), np.nan),
        np.full(ends, np.nan),
    )
