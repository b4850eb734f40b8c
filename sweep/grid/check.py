"""From the document of a grid, as TOML or Python has it, to what it holds, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from sweep import models
from sweep.errors import ParameterError
from sweep.grid.axes import Axis, read_axis
from sweep.grid.contents import Contents, PlotSettings, check_constraints
from sweep.grid.expression import Expression, Operand, parse_expression, refuse_numberless
from sweep.grid.problems import GridError, Origins, located, refuse_unknown, unknown
from sweep.grid.refinement.settings import REFINE_KEYS, read_refinement
from sweep.models.base import Model
from sweep.models.parameters import Parameter, Value, shown

SECTIONS = ("fixed", "axes", "grid", "solver", "refine", "plot")
TOP = ("title", "model", "extends", *SECTIONS)
GRID_KEYS = ("zip", "exclude")
PLOT_KEYS = tuple(field.name for field in fields(PlotSettings))
PLOT_AXES = ("x", "y", "facet", "series")
LEVEL = Parameter("level", "real", 0.0, "a value that lines are compared with")

Document = Mapping[str, Any]
"""What a grid file says, in Python's own types; `model` may be a model as well as its name."""

Axes = Mapping[str, Axis]


def check(
    document: Document, *, name: str, path: Path | None, text: str, origins: Origins
) -> Contents:
    """What a document says, if all of it is right. Raises GridError."""
    with located(origins):
        model = _model(document, Path() if path is None else path.parent)
        title = _string(document, "title") or name
        tables = {name: _section(document, name) for name in SECTIONS}
    declared = {parameter.name: parameter for parameter in model.parameters}
    homes = _homes(model)
    with located(origins, "axes"):
        axes = _axes(tables["axes"], model, declared, homes)
    with located(origins, "fixed"):
        fixed = _fixed(tables["fixed"], axes, model, declared, homes)
    with located(origins, "grid"):
        refuse_unknown(tables["grid"], "key of [grid]", GRID_KEYS, homes)
        zipped = _zipped(tables["grid"].get("zip", []), axes)
        excludes = _excludes(tables["grid"].get("exclude", []), declared)
        values = {name: (fixed[name],) if name in fixed else axes[name].values for name in declared}
        operands = {name: Operand(declared[name], values[name]) for name in declared}
        for exclude in excludes:
            refuse_numberless(exclude, operands)
    with located(origins, "solver"):
        settings = {setting.name: setting for setting in model.solver}
        refuse_unknown(tables["solver"], f"solver setting of {model.name}", settings, homes)
        solver = _with_defaults(model.solver, tables["solver"])
    with located(origins, "plot"):
        plot = _plot(tables["plot"], declared, homes)
    with located(origins, "refine"):
        refuse_unknown(tables["refine"], "key of [refine]", REFINE_KEYS, homes)
        refine = None
        if "refine" in document:
            drawn = (plot.x, plot.y, *model.preferred_axes)
            refine = read_refinement(tables["refine"], tables["axes"], model, axes, zipped, drawn)
    contents = Contents(
        name=name,
        path=path,
        text=text,
        title=title,
        model=model,
        fixed=fixed,
        axes=axes,
        zipped=zipped,
        excludes=excludes,
        solver=solver,
        plot=plot,
        refine=refine,
        origins=origins,
    )
    _check_cells(contents, tables)
    return contents


def _model(document: Document, folder: Path) -> Model:
    """The model, once the keys at the top are known to be right."""
    named = document.get("model")
    model = named if isinstance(named, Model) else None
    if model is None and (name := _string(document, "model")) is not None:
        try:
            model = models.load(name, folder)
        except KeyError:
            known = (*models.names(), 'a file, as in "my_model.py"')
            raise ParameterError("model", str(unknown(name, "model", known))) from None
    refuse_unknown(document, "key of a grid file", TOP, _homes(model) if model else {})
    if model is None:
        allowed = ", ".join(models.MODELS)
        raise ParameterError("model", f"is missing; name one at the top of the file: {allowed}")
    return model


def _homes(model: Model) -> dict[str, str]:
    """Where each key belongs, for those who put it into another section."""
    return {
        **dict.fromkeys(
            ("title", "model", "extends"), "at the top of the file, above the first [section]"
        ),
        **dict.fromkeys(PLOT_KEYS, "in [plot]"),
        **dict.fromkeys(GRID_KEYS, "in [grid]"),
        **{setting.name: "in [solver]" for setting in model.solver},
        **{parameter.name: "in [fixed] or [axes]" for parameter in model.parameters},
    }


def _string(table: Document, key: str) -> str | None:
    raw = table.get(key)
    if raw is not None and (not isinstance(raw, str) or not raw.strip()):
        raise ParameterError(key, f"found {shown(raw)}; allowed is a text that is not empty")
    return raw


def _section(document: Document, name: str) -> Document:
    table = document.get(name, {})
    if not isinstance(table, Mapping):
        raise ParameterError(name, f"found {shown(table)}; allowed is a section, [{name}]")
    return table


def _axes(
    table: Document, model: Model, declared: Mapping[str, Parameter], homes: Mapping[str, str]
) -> Axes:
    refuse_unknown(table, f"parameter of {model.name}", declared, homes)
    return {name: read_axis(declared[name], raw) for name, raw in table.items()}


def _fixed(
    table: Document,
    axes: Axes,
    model: Model,
    declared: Mapping[str, Parameter],
    homes: Mapping[str, str],
) -> dict[str, Value]:
    refuse_unknown(table, f"parameter of {model.name}", declared, homes)
    for name, raw in table.items():
        if name in axes:
            raise ParameterError(name, "is in [axes] as well; remove one of the two")
        if isinstance(raw, Mapping) or (isinstance(raw, list) and declared[name].kind != "matrix"):
            allowed = declared[name].allowed()
            raise ParameterError(
                name, f"found {shown(raw)}; allowed is {allowed} (an axis belongs in [axes])"
            )
    return _with_defaults((p for p in model.parameters if p.name not in axes), table)


def _with_defaults(parameters: Iterable[Parameter], table: Document) -> dict[str, Value]:
    return {p.name: p.coerce(table.get(p.name, p.default)) for p in parameters}


def _zipped(raw: object, axes: Axes) -> tuple[tuple[str, ...], ...]:
    if not isinstance(raw, list) or not all(_is_group(group) for group in raw):
        raise ParameterError(
            "zip", f'found {shown(raw)}; allowed is a list of groups of axes, like [["K", "M"]]'
        )
    seen: set[str] = set()
    for group in raw:
        for name in group:
            if name not in axes:
                raise ParameterError("zip", str(unknown(name, "axis of this grid", axes)))
            if name in seen:
                raise ParameterError("zip", f"found {name} twice; allowed is once")
            seen.add(name)
        _check_lengths(group, axes)
    return tuple(tuple(group) for group in raw)


def _is_group(group: object) -> bool:
    return (
        isinstance(group, list) and len(group) > 1 and all(isinstance(name, str) for name in group)
    )


def _check_lengths(group: list[str], axes: Axes) -> None:
    lengths = [len(axes[name].values) for name in group]
    if len(set(lengths)) > 1:
        found = ", ".join(f"{name} has {n}" for name, n in zip(group, lengths, strict=True))
        raise ParameterError("zip", f"{found} values; zipped axes need equally many")


def _excludes(raw: object, declared: Mapping[str, Parameter]) -> tuple[Expression, ...]:
    if not isinstance(raw, list) or not all(isinstance(text, str) for text in raw):
        raise ParameterError(
            "exclude", f'found {shown(raw)}; allowed is a list of conditions, like ["K < M"]'
        )
    return tuple(parse_expression(text, declared) for text in raw)


def _plot(
    table: Document, declared: Mapping[str, Parameter], homes: Mapping[str, str]
) -> PlotSettings:
    refuse_unknown(table, "key of [plot]", PLOT_KEYS, homes)
    axes = {key: _string(table, key) for key in PLOT_AXES}
    users: dict[str, str] = {}
    for key, name in axes.items():
        if name is None:
            continue
        if name not in declared:
            raise ParameterError(key, str(unknown(name, "parameter", declared)))
        if name in users:
            raise ParameterError(key, f"found {name}, which is {users[name]} already")
        users[name] = key
    level = LEVEL.coerce(table["level"]) if "level" in table else None
    assert level is None or isinstance(level, float)
    boundary = table.get("boundary")
    if boundary is not None and not isinstance(boundary, bool):
        raise ParameterError("boundary", f"found {shown(boundary)}; allowed is true or false")
    value = _string(table, "value")
    return PlotSettings(**axes, value=value, level=level, boundary=boundary)


def _check_cells(contents: Contents, tables: Mapping[str, Document]) -> None:
    """What only the expanded grid can show: its size, and conditions between parameters."""
    origins = contents.origins
    with located(origins, "axes"):
        cells = contents.cells()
    if len(cells) == 0:
        place = origins.of("grid", "exclude")
        raise GridError(place, "[grid] exclude: leaves no cell; remove or narrow a condition")
    try:
        check_constraints(contents.model, cells)
    except ParameterError as error:
        sections = [name for name in ("fixed", "axes") if error.name in tables[name]]
        section = f"[{sections[0]}]" if sections else "(default)"
        place = origins.of(sections[0] if sections else "", error.name)
        raise GridError(place, f"{section} {error.name}: {error.problem}") from None
