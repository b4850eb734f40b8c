"""Kernels compiled for their arguments."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from numba import njit

from sweep.ode.compiled import _cache_root, compile_for


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A user without HOME and without an entry among the users."""

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_cache_needs_no_home_where_its_folder_is_named(
    homeless: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    homeless.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert _cache_root() == tmp_path / "cache"
    homeless.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    assert _cache_root() == tmp_path / "numba"


@pytest.mark.usefixtures("homeless")
def test_the_cache_of_a_user_without_a_home_is_temporary() -> None:
    assert _cache_root() == Path(tempfile.gettempdir())


def test_threads_that_need_a_kernel_at_the_same_time_all_get_it() -> None:
    function = njit(lambda x: x + 1.0)
    together = Barrier(4)

    def value(x: float) -> Any:
        together.wait()
        compile_for(function, x)
        return function(x)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(value, [1.0, 2.0, 3.0, 4.0])) == [2.0, 3.0, 4.0, 5.0]
