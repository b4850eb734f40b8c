"""What the source of a model declares, read off without running it.

So a file of one's own is as good as a model that ships, and nothing heavy is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

DECLARE = ("Parameter", "integer", "real", "choice", "flag", "matrix")
"""The functions whose first argument is the name of a parameter."""

OWN_KINDS = ("Ode", "Process")
BY_THEMSELVES = ("seed", "target_error")
LISTS, NUMBERS, FURTHER = "list_columns", "number_columns", "columns"
SETTINGS = "solver"
PICTURES = ("PICTURES", "COURSE")
PACKAGE = "sweep.models"

Named = Iterator[tuple[str, ast.expr]]


class Source:
    """A model's files: its own, and those of this package's models that it imports."""

    def __init__(self, model: str, folder: Path) -> None:
        self._nodes = [node for tree in _trees(model, folder) for node in ast.walk(tree)]

    def parameters(self) -> Iterator[str]:
        """Their names."""
        settings = set(self._settings())
        for call in self._calls(DECLARE):
            yield from (name for name in _texts_of(call.args[:1]) if name not in settings)
        for call in self._calls(OWN_KINDS):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            usual = "t" if _called(call) == "Ode" else "steps"
            time = given.get("time", ast.Constant(usual))
            yield from BY_THEMSELVES
            if isinstance(time, ast.Constant) and isinstance(time.value, str):
                yield f"{time.value}_max"

    def columns(self) -> Iterator[str]:
        """Those that are the model's own; of a column of lists its first entry."""
        for name, value in self._assigned():
            if name == LISTS:
                yield from (f"{column}[0]" for column in _texts(value))
            elif name == NUMBERS:
                yield from _texts(value)
        for call in self._calls(OWN_KINDS):
            for keyword in call.keywords:
                if keyword.arg == FURTHER:
                    yield from _texts(keyword.value)

    def pictures(self) -> Iterator[str]:
        """Those of single cells."""
        for name, value in self._assigned():
            if name in PICTURES:
                yield from _texts(value)

    def _settings(self) -> Iterator[str]:
        """What is declared as parameters are, but for the solver."""
        assigned = dict(self._assigned())
        for name, value in self._assigned():
            if name == SETTINGS:
                parts = [
                    assigned.get(part.id, part) if isinstance(part, ast.Name) else part
                    for part in _parts(value)
                ]
                calls = [part for part in parts if isinstance(part, ast.Call)]
                yield from (text for call in calls for text in _texts_of(call.args[:1]))

    def _calls(self, functions: tuple[str, ...]) -> Iterator[ast.Call]:
        for node in self._nodes:
            if isinstance(node, ast.Call) and _called(node) in functions:
                yield node

    def _assigned(self) -> Named:
        for node in self._nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                yield from ((name, node.value) for name in names)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _texts(value: ast.expr) -> Iterator[str]:
    """The texts that a tuple, a list, or a dict's keys are made of."""
    yield from _texts_of(_parts(value))


def _texts_of(parts: Iterable[ast.expr | None]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _parts(value: ast.expr) -> list[ast.expr | None]:
    if isinstance(value, ast.Dict):
        return list(value.keys)
    return list(value.elts) if isinstance(value, ast.Tuple | ast.List) else [value]


def _trees(model: str, folder: Path) -> Iterator[ast.AST]:
    from sweep.models import MODELS, OWN

    if model.endswith(OWN):
        todo = [folder / model, *_files(f"{PACKAGE}.base")]
    else:
        todo = list(_files(MODELS.get(model, "")))
    seen = set()
    while todo:
        file = todo.pop(0)
        if file in seen:
            continue
        seen.add(file)
        tree = _parsed(file)
        yield tree
        if not model.endswith(OWN):
            todo += [path for name in _imported(tree) for path in _files(name)]


def _parsed(file: Path) -> ast.AST:
    try:
        return ast.parse(file.read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError):
        return ast.Module([], [])


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}."):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(module: str) -> Iterator[Path]:
    """The file of one of the package's modules, if there is one, without importing any."""
    top, *inside = module.split(".")
    package = find_spec(top) if top else None
    for place in (package.submodule_search_locations if package else None) or []:
        path = Path(place, *inside).with_suffix(".py")
        if path.is_file():
            yield path
