"""Kernels compiled for their arguments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from numba import njit

from sweep.ode.compiled import compile_for


def test_threads_that_need_a_kernel_at_the_same_time_all_get_it() -> None:
    function = njit(lambda x: x + 1.0)
    together = Barrier(4)

    def value(x: float) -> Any:
        together.wait()
        compile_for(function, x)
        return function(x)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(value, [1.0, 2.0, 3.0, 4.0])) == [2.0, 3.0, 4.0, 5.0]
