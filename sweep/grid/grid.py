"""A grid: which cells of which model, and how they are to be solved and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

from sweep.grid.check import Document, check
from sweep.grid.contents import Contents, check_constraints
from sweep.grid.expansion import expand, product_factors
from sweep.grid.names import check_name
from sweep.grid.plain import plain
from sweep.grid.problems import GridError, Origins, unknown
from sweep.grid.text import toml_text
from sweep.models.base import Model
from sweep.models.cells import Cells
from sweep.models.parameters import Parameter, Value, shown

Given = Mapping[str, tuple[Value, ...]]


class Grid(Contents):
    """The grid that a file with the same sections would be, with the same cells.

    model: the name of a model, the path of a Python file that holds one, or a model. fixed: one
    value for each parameter named. axes: for each parameter named its values, as a list, as an
    array of shape (n,), or from `lin`, `log` or `integers`; the first axis varies slowest. A value
    is a number, a word, or a matrix as a list of rows or an array of shape (rows, columns). What is
    named nowhere has its default. zip, exclude: groups of axes that advance together, and
    conditions under which a cell is left out. solver, plot: as the sections of that name. name:
    what the folder of its results is called.

    Like a grid that was read from a file, it is checked, does not change any more, and holds what
    `Contents` says: `name`, `fixed`, `axes`, `cells()` and so on. Its `text` is that of a file that
    would be the same grid; for this a model that `sweep` does not know by name has to be in a file.
    Raises GridError for whatever is wrong, with the name of the grid, the section and the key.

    >>> grid = Grid(
    ...     "fo-anil",
    ...     fixed={"M": 3},
    ...     axes={"eta_w": {"lin": [0.25, 8], "n": 32}, "K": [2, 3, 4]},
    ...     exclude=["K < M"],
    ...     name="mine",
    ... )
    >>> len(grid.cells())
    64
    >>> Grid("fo-anil", fixed={"eta_q": 3.0})
    Traceback (most recent call last):
    ...
    sweep.grid.problems.GridError: grid: [fixed] eta_q: no such parameter of fo-anil; did you ...
    """

    def __init__(
        self,
        model: str | Path | Model,
        *,
        fixed: Mapping[str, object] | None = None,
        axes: Mapping[str, object] | None = None,
        zip: Sequence[Sequence[str]] = (),
        exclude: Sequence[str] = (),
        solver: Mapping[str, object] | None = None,
        plot: Mapping[str, object] | None = None,
        title: str | None = None,
        name: str = "grid",
    ) -> None:
        check_name(name)
        document = {
            **({} if title is None else {"title": title}),
            "model": model if isinstance(model, Model) else _named(model),
            "fixed": plain(fixed or {}),
            "axes": plain(axes or {}),
            "grid": plain({"zip": zip, "exclude": exclude}),
            "solver": plain(solver or {}),
            "plot": plain(plot or {}),
        }
        self._hold(check(document, name=name, path=None, text="", origins=Origins(name)))
        vars(self)["text"] = _text(name, document)

    @classmethod
    def of(cls, contents: Contents) -> Self:
        """The grid of what has been checked."""
        grid = cls.__new__(cls)
        grid._hold(contents)
        return grid

    def _hold(self, contents: Contents) -> None:
        vars(self).update(vars(contents))  # the expanded cells among them

    def __repr__(self) -> str:
        axes = " × ".join(f"{name} {len(values)}" for name, values in self.swept.items())
        count = len(self.cells())
        cells = f"{count:,} cells" if count > 1 else "1 cell"
        return f"<Grid {self.name}: {', '.join(filter(None, [self.model.name, axes, cells]))}>"

    def replaced(self, **changes: Any) -> Self:
        """This grid with other contents, which are not checked anew."""
        kept = {field.name: getattr(self, field.name) for field in fields(Contents)}
        return self.of(Contents(**(kept | changes)))

    def selected(self, assignments: Mapping[str, Sequence[object]]) -> Cells:
        """The cells in which the named parameters have one of the values given, or told by a text.

        A value need not be on its axis, and a fixed parameter may be named. The axes that are left
        open are expanded; those zipped to a named one go with it. `exclude` counts where an axis
        is left open, and must leave a cell of every value that is named. Raises UsageError.
        """
        parameters = {parameter.name: parameter for parameter in self.model.parameters}
        given = {
            name: _known(parameters, name, self.model).parse_all(values)
            for name, values in assignments.items()
        }
        left = {**self._left(given), **{n: v for n, v in given.items() if n not in self.axes}}
        decided = {name: values[0] for name, values in left.items() if len(values) == 1}
        axes = {name: values for name, values in left.items() if len(values) > 1}
        zipped = [
            group
            for group in self.zipped
            if all(name in axes for name in group) and not all(name in given for name in group)
        ]
        is_open = any(not given.keys() & set(factor) for factor in product_factors(axes, zipped))
        excludes = self.excludes if is_open else ()
        cells = expand(self.model.parameters, {**self.fixed, **decided}, axes, zipped, excludes)
        for name in given:
            for code, value in enumerate(cells.values[name]):
                if code not in cells.codes[name]:
                    raise GridError(
                        self.place_of("grid", "exclude"),
                        f"[grid] exclude: leaves no such cell with {_one_of(name, [value])}; "
                        "choose another",
                    )
        check_constraints(self.model, cells)
        return cells

    def _left(self, given: Given) -> dict[str, tuple[Value, ...]]:
        """The values that are left of every axis."""
        left: dict[str, tuple[Value, ...]] = {}
        for factor in product_factors(self.swept, self.zipped):
            named = [name for name in factor if name in given]
            if len(named) == len(factor):
                left.update({name: given[name] for name in factor})
                continue
            places = [
                i
                for i in range(len(self.swept[factor[0]]))
                if all(self.swept[name][i] in given[name] for name in named)
            ]
            left.update({name: tuple(self.swept[name][i] for i in places) for name in factor})
            for name in named:
                self._check_partners(factor, given, name, left[name])
        return left

    def _check_partners(
        self, factor: Sequence[str], given: Given, name: str, found: Sequence[Value]
    ) -> None:
        """Refuse a given value that is not `found` beside what the other zipped axes can be."""
        for value in given[name]:
            if value in found:
                continue
            open_name = next(other for other in factor if other not in given)
            values = self.swept[open_name]
            others = [(other, given[other]) for other in factor if other in given and other != name]
            beside = "".join(f" and {_one_of(*other)}" for other in others)
            raise GridError(
                self.place_of("axes", open_name),
                f"[axes] {open_name}: none of its {len(values)} values goes with "
                f"{name} = {shown(value)}{beside}; choose one, like {open_name}={shown(values[0])}",
            )


def _known(parameters: Mapping[str, Parameter], name: str, model: Model) -> Parameter:
    if name not in parameters:
        raise unknown(name, f"parameter of {model.name}", parameters)
    return parameters[name]


def _one_of(name: str, values: Sequence[Value]) -> str:
    return f"{name} = {' or '.join(map(shown, values))}"


def _named(model: str | Path) -> object:
    """A model as a file names it; what is the path of one, in full, since there is no such file."""
    is_path = isinstance(model, Path) or (isinstance(model, str) and model.endswith(".py"))
    return str(Path(model).absolute()) if is_path else model


def _text(name: str, document: Document) -> str:
    model = document["model"]
    named = model.name if isinstance(model, Model) else model
    text = toml_text({"title": name, **document, "model": named})
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = error.object[error.start : error.end]
        raise GridError(name, f"has a text with {found!r}, which is no Unicode character") from None
    return text
