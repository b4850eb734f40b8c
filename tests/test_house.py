"""The rooms of the package: imports run one way, and no module imports itself by way of others."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import sweep
from sweep import models

ROOMS = ("errors", "ode", "models", "grid", "store", "runner", "analysis", "plots", "cli")
"""From the ground up: a module may import from its own room and from those before it."""

Imports = Mapping[str, set[str]]


def sources(package: Path) -> dict[str, str]:
    """The text of every module of a package, by its full name."""
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = file.read_text(encoding="utf-8")
    return found


def imports(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """For every module those of the others that it imports, at its top or anywhere else."""
    return {
        name: {found for found in _named(ast.parse(text), texts) if found != name}
        for name, text in texts.items()
    }


def _named(tree: ast.AST, texts: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in texts)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield from (name for name in (full, node.module) if name in texts)


def room(module: str) -> str | None:
    """The room of a module; None for the public face and what starts the command."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] != "__main__" else None


def upwards(found: Imports) -> list[str]:
    """The imports that run from a room to one above it."""
    return [
        f"{module} -> {other}"
        for module, others in found.items()
        for other in sorted(others)
        if room(module) is not None
        and (room(other) is not None and _height(other) > _height(module))
    ]


def _height(module: str) -> int:
    return ROOMS.index(str(room(module)))


def circle(found: Imports) -> list[str]:
    """The modules of one circle of imports, or none.

    A package counts as what its `__init__` imports, so its own modules do not close a circle.
    """
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return path[path.index(module) :]
        if module in done:
            return []
        for other in sorted(found[module]):
            if not module.startswith(f"{other}."):
                ring = walk(other, [*path, module])
                if ring:
                    return ring
        done.add(module)
        return []

    return next((ring for module in found if (ring := walk(module, []))), [])


def hidden(text: str) -> list[str]:
    """What a module imports of others' packages that is not for others."""
    named = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            named += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            named += [f"{node.module}.{alias.name}" for alias in node.names]
    return [
        name
        for name in named
        if not name.startswith(("sweep.", "__future__."))
        and any(part.startswith("_") or part == "externals" for part in name.split("."))
    ]


PACKAGE = Path(sweep.__file__).parent


@pytest.fixture(scope="module")
def found() -> Imports:
    return imports(sources(PACKAGE))


def test_every_module_is_in_a_room(found: Imports) -> None:
    assert {room(module) for module in found} == {None, *ROOMS}


def test_no_import_runs_upwards(found: Imports) -> None:
    assert upwards(found) == []


def test_no_imports_run_in_a_circle(found: Imports) -> None:
    assert circle(found) == []


def test_rooms_say_what_is_in_them(found: Imports) -> None:
    texts = sources(PACKAGE)
    for name in ROOMS:
        assert ast.get_docstring(ast.parse(texts[f"sweep.{name}"])), name
    assert len(found) == len(texts)


def test_only_public_parts_of_libraries_are_used() -> None:
    found = {name: hidden(text) for name, text in sources(PACKAGE).items()}
    assert {name: parts for name, parts in found.items() if parts} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import joblib._dask",
        "from joblib._dask import DaskDistributedBackend",
        "from joblib.externals.loky import process_executor",
        "from scipy.integrate import _ivp",
    ],
)
def test_a_hidden_part_is_found(line: str) -> None:
    assert hidden(line)


@pytest.mark.parametrize(
    "line",
    [
        "from sweep.models.base import Model",
        "import sweep.models.base",
        "from sweep.models import base",
        "def late():\n    from sweep.models.base import Model",
    ],
)
def test_an_import_that_runs_upwards_is_found(line: str) -> None:
    texts = {"sweep.ode.events": line, "sweep.models.base": "", "sweep.models": ""}
    assert upwards(imports(texts))[0].startswith("sweep.ode.events -> sweep.models")


def test_a_circle_is_found_however_late_it_closes() -> None:
    texts = {
        "sweep.grid.a": "from sweep.grid.b import x",
        "sweep.grid.b": "import sweep.grid.c",
        "sweep.grid.c": "def late():\n    from sweep.grid import a",
    }
    assert circle(imports(texts)) == ["sweep.grid.a", "sweep.grid.b", "sweep.grid.c"]


KNOW_ONE_MODEL = (
    "sweep.plots.fourier",
    "sweep.analysis.ensemble",
    "sweep.analysis.theory",
    "sweep.analysis.windows",
)
"""The pictures of one model, and the comparison of theory with its simulation."""


def test_nothing_else_above_the_models_knows_one_of_them(found: Imports) -> None:
    """Neither by an import nor by its name."""
    own = tuple(module.rpartition(".")[0] for module in models.MODELS.values())
    texts = sources(PACKAGE)
    for module, others in found.items():
        if room(module) in (None, "errors", "ode", "models") or module.startswith(KNOW_ONE_MODEL):
            continue
        assert not [other for other in others if other.startswith(own)], module
        words = {node.value for node in ast.walk(ast.parse(texts[module])) if _is_word(node)}
        assert not words & models.MODELS.keys(), module


def _is_word(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
