"""The public face: what `import sweep` offers, and that every example in its docstrings is true."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import sweep
from tests.cli.test_start_up import HEAVY

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
HOMES: dict[str, tuple[str, ...]] = sweep._HOMES
PUBLIC = sorted(name for names in HOMES.values() for name in names)


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    probe = (
        "import sys, sweep; dir(sweep); sweep.UsageError; "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"


def test_all_names_are_there_and_told() -> None:
    assert sorted(sweep.__all__) == sorted([*PUBLIC, "__version__"])
    assert set(sweep.__all__) <= set(dir(sweep))
    for home, names in HOMES.items():
        for name in names:
            assert getattr(sweep, name) is getattr(importlib.import_module(home), name)
    with pytest.raises(AttributeError, match="module 'sweep' has no attribute 'lode'"):
        sweep.lode  # type: ignore[attr-defined]  # noqa: B018


def test_type_checkers_see_the_names_that_are_loaded_late() -> None:
    tree = ast.parse(Path(sweep.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        str(node.module): tuple(alias.name for alias in node.names)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    assert {home: sorted(names) for home, names in seen.items()} == {
        home: sorted(names) for home, names in HOMES.items()
    }
    assert (files("sweep") / "py.typed").is_file()


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the examples of docstrings start from: names, and a grid that is computed."""
    results = tmp_path_factory.mktemp("results")
    grid = sweep.Grid("fo-anil", axes={"K": [2, 3], "eta_w": [2.5, 3.0]}, name="four")
    sweep.run(grid, results, jobs=2)
    return {**{name: getattr(sweep, name) for name in PUBLIC}, "grid": grid, "results": results}


@pytest.mark.parametrize("name", PUBLIC)
def test_examples_are_true(
    name: str, examples: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    offered = getattr(sweep, name)
    found = doctest.DocTestFinder(recurse=False).find(offered, name, globs=dict(examples))
    if name == "run":  # it is about a grid of which nothing is computed
        found[0].globs["results"] = tmp_path
    assert inspect.getdoc(offered)
    if inspect.isfunction(offered) or name == "Grid":
        assert sum(len(example.examples) for example in found) > 0, f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    told: list[str] = []
    for test in found:
        runner.run(test, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)
