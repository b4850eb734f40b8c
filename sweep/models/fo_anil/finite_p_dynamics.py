"""The dynamics of erf units at a finite number P of training samples, one inner step.

As `dynamics`, with the second and fourth moments of the readouts of `finite_p`: the drift and ε
are exact in P, the diffusion is nearly so.
"""

from __future__ import annotations

from sweep.models.fo_anil.dynamics import (
    Memory,
    Problem,
    drift,
    flat_size,
    inner_loop,
    mean_square,
    student_products,
    teacher_square,
    unpack,
    views,
    write_drift,
)
from sweep.models.fo_anil.finite_p import add_finite_p_diffusion, finite_p_views, second_moment
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel


@fast_kernel
def finite_p_right_hand_side(y: Floats, dy: Floats, problem: Problem, memory: Memory) -> None:
    """dy/dτ at y."""
    work = views(problem, memory)
    finite = finite_p_views(problem.K, problem.M, memory.flat[flat_size(problem.K, problem.M) :])
    unpack(y, problem, work)
    inner_loop(problem, work)
    second_moment(
        problem.P, problem.eta_w, problem.sigma_u, problem.sigma_y, work.C, work.scale, work.A,
        work.W, finite,
    )  # fmt: skip
    drift(problem, work)
    write_drift(dy, problem, work)
    if problem.noise > 0.0:
        add_finite_p_diffusion(
            problem.noise, problem.P, problem.eta_w, problem.sigma_u, problem.sigma_y, work.C,
            work.d, work.A, work.W, work.B, dy, memory.pairs, finite,
        )  # fmt: skip


@fast_kernel
def finite_p_error(y: Floats, problem: Problem, memory: Memory) -> float:
    """The meta-generalization error ε of state y."""
    work = views(problem, memory)
    finite = finite_p_views(problem.K, problem.M, memory.flat[flat_size(problem.K, problem.M) :])
    unpack(y, problem, work)
    inner_loop(problem, work)
    second_moment(
        problem.P, problem.eta_w, problem.sigma_u, problem.sigma_y, work.C, work.scale, work.A,
        work.W, finite,
    )  # fmt: skip
    student_products(problem, work)
    return mean_square(teacher_square(problem, work), problem, work)
