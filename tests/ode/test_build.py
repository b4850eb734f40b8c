"""One build of a kernel, whichever way it comes; and a cache that costs time at worst."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sweep.ode import cache, news

OWN = """
from sweep.ode.compiled import fast_kernel, kernel

@fast_kernel
def length(values):
    total = 0.0
    for value in values:
        total += value * value
    return total

@kernel
def longer(values, factor):
    return factor * length(values)

def times(number):
    @kernel
    def product(x):
        return number * x
    return product
"""


def own(folder: Path, text: str = OWN) -> Any:
    """A module of a user's own, as a process that has just begun finds it."""
    file = folder / "own.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("own", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def module(tmp_path: Path, kept: Path) -> ModuleType:  # noqa: ARG001
    found: ModuleType = own(tmp_path)
    return found


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled kernels are kept."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    return tmp_path / "kernels" / "meta-sweep"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said of compilations."""
    lines: list[str] = []
    monkeypatch.setattr(news, "_say", lines.append)
    monkeypatch.setattr(news, "_told", set())
    return lines


def compiled(said: list[str]) -> list[str]:
    return [line.split(",")[0].split()[-1] for line in said if line.startswith("compiling")]


def test_what_was_compiled_is_loaded_afterwards(
    module: Any, tmp_path: Path, said: list[str]
) -> None:
    assert module.times(2.0)(3.0) == 6.0
    assert own(tmp_path).times(2.0)(3.0) == 6.0
    assert compiled(said) == ["times.<locals>.product"]


def test_another_value_in_a_closure_is_another_kernel(module: Any) -> None:
    assert [module.times(number)(3.0) for number in (2.0, 4.0, 2.0)] == [6.0, 12.0, 6.0]


def test_a_changed_source_is_compiled_anew(module: Any, tmp_path: Path, said: list[str]) -> None:
    module.times(2.0)(3.0)
    assert own(tmp_path, OWN.replace("number * x", "number + x")).times(2.0)(3.0) == 5.0
    assert len(compiled(said)) == 2


@pytest.mark.parametrize("harm", ["emptied", "halved", "flipped", "no kernel", "a folder"])
def test_a_damaged_entry_is_compiled_anew(
    module: Any, tmp_path: Path, kept: Path, said: list[str], harm: str
) -> None:
    module.times(2.0)(3.0)
    (file,) = kept.iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    match harm:
        case "emptied":
            file.write_bytes(b"")
        case "halved":
            file.write_bytes(file.read_bytes()[: len(content) // 2])
        case "flipped":
            file.write_bytes(content)
        case "no kernel":  # whole, but nothing that numba could load
            start = len(cache.MAGIC) + 32
            end = start + 8 + int.from_bytes(content[start : start + 8], "big")
            named = content[start + 8 : end].decode()
            cache.save("times.<locals>.product", named, b"no pickle")
        case "a folder":
            file.unlink()
            file.mkdir()
    assert own(tmp_path).times(2.0)(3.0) == 6.0
    assert len(compiled(said)) == 2
    if harm != "a folder":
        assert own(tmp_path).times(2.0)(3.0) == 6.0
        assert len(compiled(said)) == 2


def test_without_a_folder_every_process_compiles_and_it_is_said_once(
    module: Any, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file" / "folder"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file" / "folder"))
    assert module.times(2.0)(3.0) == 6.0
    assert module.times(4.0)(3.0) == 12.0
    assert len(compiled(said)) == 2
    assert [line for line in said if "cannot be kept" in line] == [said[1]]
    assert "NUMBA_CACHE_DIR" in said[1]


def test_kernels_load_without_the_functions_that_they_call(
    module: Any, tmp_path: Path, said: list[str]
) -> None:
    import numpy as np

    values = np.ones(7)
    assert module.longer(values, 2.0) == 14.0
    assert module.length(values) == 7.0
    again = own(tmp_path)
    assert again.longer(values, 2.0) == 14.0
    assert again.length(values) == 7.0
    assert compiled(said) == ["longer", "length"]


def test_kernels_are_compiled_even_where_numba_is_told_not_to(tmp_path: Path) -> None:
    own(tmp_path)
    code = "import own; print(own.times(2.0)(3.0), own.times(2.0).signatures)"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("6.0")


SLOPES = """
import sys
import numpy as np
from sweep.models.fo_anil.activations import kind_of
from sweep.models.fo_anil.kind import space_of
from sweep.models.fo_anil.parameters import start_overlaps
from sweep.models.fo_anil.state import Problem, state

K, M = 5, 3
rng = np.random.default_rng(1)
units = rng.normal(size=(K + M, 40)) / 6.0
C = units @ units.T
found = []
for activation, P in eval(sys.argv[1]):
    kind = kind_of(activation, P)
    problem = Problem(K, M, 0.5, 1.0, P, 0.01 if P < np.inf else 0.0, 0.0, 1.0, 0.1)
    space = space_of(kind, problem, C[K:, K:].copy(), 0.0)
    y = kind.encode(state(C[:K, :K], C[:K, K:]), K, M)
    dy = np.empty_like(y)
    for _ in range(40):
        kind.equations.slope(y, dy, problem, space)
        y = y + 0.01 * dy
    found.append((activation, y.tobytes().hex()))
print(sorted(found))
"""
KINDS = '[("erf", 100.0), ("linear", 100.0), ("relu", np.inf)]'


def slopes(folder: Path, kinds: str = KINDS) -> str:
    """Steps along the slopes of some kinds of equations, to the last bit."""
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(folder),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    for name in ("XDG_CACHE_HOME", "HOME", "TMPDIR"):
        environment[name] = "/dev/null/nowhere"
    done = subprocess.run(
        [sys.executable, "-c", SLOPES, kinds], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_kernels_round_alike_whichever_way_they_come(tmp_path: Path) -> None:
    fresh = slopes(tmp_path)
    assert slopes(tmp_path) == fresh
    assert slopes(tmp_path, f"{KINDS}[::-1]") == fresh
    assert slopes(Path("/dev/null/nowhere"), f"{KINDS}[::-1]") == fresh
