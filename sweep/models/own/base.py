"""What an `Ode` and a `Process` have in common: their parameters, their identity, their travels."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from keyword import iskeyword
from typing import Any

import numpy as np

from sweep.errors import UsageError
from sweep.models import MODELS
from sweep.models.base import Model, Trajectory
from sweep.models.own.kinds import integer, real, symbol_of
from sweep.models.own.source import DIGEST_BYTES, Source, place_of
from sweep.models.own.values import Parameters
from sweep.models.parameters import Parameter
from sweep.ode.arrays import Floats

RESULTS = (
    *("cell_id", "status", "time_to_target", "error_initial", "error_final", "time_final"),
    *("rhs_evaluations", "wall_s", "message"),
)
"""Columns that every model's rows have, so that no parameter may be called so."""

TARGET, SEED = "target_error", "seed"


class OwnModel(Model):
    """A model of a user's own. Whatever of it is wrong in itself raises UsageError when it is made.

    A parameter named like one of those that come by themselves takes its place.
    """

    knows_costs = False

    def __init__(
        self,
        name: str,
        parameters: Iterable[Parameter],
        functions: Mapping[str, Callable[..., Any] | None],
        *,
        time: str,
        longest: float,
        version: int | str | None,
        answered_together: Iterable[str] = (),
    ) -> None:
        if not (isinstance(name, str) and name.isprintable() and name.strip()) or name in MODELS:
            raise UsageError(f"name: found {name!r}; allowed is a word that no other model has")
        if not _is_name(time):
            raise UsageError(f"time: found {time!r}; allowed is a name, such as alpha or steps")
        if not isinstance(version, int | str | None) or isinstance(version, bool):
            raise UsageError(f"version: found {version!r}; allowed is a whole number or a word")
        self.name = name
        self.time_name = time
        self.time_symbol = symbol_of(time) or time.replace("_", " ")
        self.window = f"{time}_max"
        self.never_named = (TARGET, self.window)
        self.parameters = _completed(
            parameters, self.window, longest, (time, *(setting.name for setting in self.solver))
        )
        self.declared = {parameter.name: parameter for parameter in self.parameters}
        self.answered_together = self._together(answered_together)
        self._functions = {name: _function(name, f) for name, f in functions.items()}
        self.is_versioned = version is not None
        self.version = version if version is not None else f"source {_digest(self._functions)}"
        self.source: Source | None = None
        self._restore: tuple[Callable[..., Any], tuple[object, ...]] | None = None

    def come_from(
        self, source: Source, restore: tuple[Callable[..., Any], tuple[object, ...]]
    ) -> None:
        """Say which file this model is in, and the call by which another process gets it."""
        self.source = source
        self._restore = restore
        self.source_text = source.text
        self.meaning = source.summary
        self.sources = source.digest
        if not self.is_versioned:
            self.version = f"source {source.digest}"

    def __reduce_ex__(self, protocol: Any) -> Any:
        """In another process the file is run anew; a model that has none travels as it is."""
        return self._restore or (_revived, (type(self), self.__dict__))

    def where(self) -> str:
        """The file, or the name where there is none, for messages."""
        return self.source.path if self.source is not None else self.name

    def kernels(self, trajectory: Trajectory) -> str:  # noqa: ARG002
        """The user's functions, and what calls them."""
        return f"the functions of {self.name} ({self.version})"

    def story(self, error: BaseException) -> str:
        """The exception, and where in the model's file it arose."""
        story = super().story(error)
        place = place_of(error, self.where())
        return f"{story} ({place})" if place else story

    def _together(self, further: Iterable[str]) -> tuple[str, ...]:
        names = (further,) if isinstance(further, str) else tuple(further)
        for name in names:
            if name not in self.declared:
                raise UsageError(f"answered_together: {name!r} is none of the parameters")
            if self.declared[name].kind not in ("integer", "real", "flag"):
                raise UsageError(f"answered_together: {name} is no number; only numbers can be")
        return tuple(dict.fromkeys((*names, TARGET, self.window)))


_arrived: dict[tuple[str, int | str], OwnModel] = {}


def _revived(kind: type[OwnModel], state: dict[str, Any]) -> OwnModel:
    """A model that came from another process, the same one however often it comes."""
    model = kind.__new__(kind)
    model.__dict__.update(state)
    return _arrived.setdefault((model.name, model.version), model)


def _completed(
    parameters: Iterable[Parameter], window: str, longest: float, taken: Iterable[str]
) -> tuple[Parameter, ...]:
    """Those declared, and those that come by themselves."""
    own = (parameters,) if isinstance(parameters, Parameter) else tuple(parameters)
    for parameter in own:
        if not isinstance(parameter, Parameter):
            raise UsageError(
                f"parameters: found {parameter!r}; allowed are integer(...), real(...), "
                "choice(...), flag(...) and matrix(...)"
            )
        name = parameter.name
        if not _is_name(name) or name.startswith("_"):
            raise UsageError(f"parameters: found the name {name!r}; allowed are names such as eta")
        if name in RESULTS:
            raise UsageError(f"parameters: {name} is a column of every model's results; rename it")
        if name in (*taken, "error") or hasattr(Parameters, name):
            raise UsageError(f"parameters: {name} has another meaning already; rename it")
    names = [parameter.name for parameter in own]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"parameters: {twice} is declared twice; remove one of the two")
    usual = (
        integer(SEED, 0, least=0, meaning="seed of random numbers", symbol=r"\mathrm{seed}"),
        real(TARGET, 0.01, least=0, meaning="the error to reach", symbol=r"\varepsilon"),
        real(window, longest, above=0, meaning="the end of the window"),
    )
    for parameter in own:
        if parameter.name in (TARGET, window) and parameter.kind not in ("integer", "real"):
            raise UsageError(f"parameters: {parameter.name} has to be a number")
    return (*own, *(parameter for parameter in usual if parameter.name not in names))


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.isidentifier() and not iskeyword(name)


def _function(name: str, function: object) -> Callable[..., Any] | None:
    if function is not None and not callable(function):
        raise UsageError(f"{name}: found {function!r}; allowed is a function")
    return function


def _digest(functions: Mapping[str, Callable[..., Any] | None]) -> str:
    """What tells functions from any others, as well as can be told without their file."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    for name, function in functions.items():
        plain = getattr(function, "py_func", function)
        try:
            text = inspect.getsource(plain) if plain is not None else ""
        except (OSError, TypeError):
            text = repr(getattr(plain, "__code__", plain))
        digest.update(f"{name}\n{text}\n".encode())
    return digest.hexdigest()


def targets_of(values: Floats) -> Floats:
    """The targets, with minus infinity for 0, which stands for a target that is never reached."""
    return np.where(values == 0, -np.inf, values)


def declared_columns(columns: Iterable[str], parameters: Sequence[Parameter]) -> tuple[str, ...]:
    """The names of further columns. Raises UsageError for one that is taken."""
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    taken = {*RESULTS, *(parameter.name for parameter in parameters)}
    for name in names:
        if not (isinstance(name, str) and name.isidentifier()):
            raise UsageError(f"columns: found {name!r}; allowed are names such as norm")
        if name in taken or names.count(name) > 1:
            raise UsageError(f"columns: {name} is a column already; rename it")
    return names
