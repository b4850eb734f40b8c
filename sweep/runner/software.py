"""What computes: the versions and the sources that rows depend on.

A worker says of itself what it is, as a mapping of names to words, which any version of this
package can read. A row is kept only if its worker is like the process that keeps it.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sweep import __version__
from sweep.errors import UsageError
from sweep.models.base import Block, Model
from sweep.ode import sources
from sweep.store.metadata import installed

LIBRARIES = ("numpy", "scipy", "numba", "llvmlite")
"""Those whose every version may round in its own way."""

Software = Mapping[str, str]

_AT_START = sources.digest()
"""Taken as soon as this module is imported, so before any model is, and before somebody replaces
the files under a process that is at work."""

REPLACED = (
    "the files of sweep were replaced while it was at work; what was finished is saved, run again "
    "to go on with the new ones"
)


@cache
def own() -> Software:
    """What this process is, whatever the model."""
    return {
        "sweep": __version__,
        "sources": _AT_START,
        "Python": platform.python_version(),
        **{name: installed(name) for name in LIBRARIES},
    }


def of(model: Model) -> Software:
    """What this process is where it computes with this model, which is loaded by now."""
    return {**own(), "sources": _sources(type(model)), "sources of the model": model.sources}


@cache
def _sources(kind: type[Model]) -> str:  # noqa: ARG001
    """The hash of the sources; where a model was loaded from files replaced meanwhile, both."""
    now = sources.digest()
    return _AT_START if now == _AT_START else f"{_AT_START} and {now}"


def expect_whole(model: Model) -> None:
    """Raise UsageError where this process has loaded the model from files replaced meanwhile."""
    if _sources(type(model)) != _AT_START:
        raise UsageError(REPLACED)


def expect_unchanged() -> None:
    """Raise UsageError where processes that are born now are not of this one's files."""
    if sources.digest() != _AT_START:
        raise UsageError(REPLACED)


def differences(there: Software, here: Software) -> str:
    """What keeps a worker from taking part, in words; empty where it may."""
    if not there:
        return "a version of sweep that does not say what it is"
    return _told(there, here, [name for name in here if not _agree(name, there, here)])


def remarks(there: Software, here: Software) -> str:
    """What differs without keeping a worker from taking part, in words."""
    return _told(there, here, [name for name in here if there.get(name) != here[name]])


def _agree(name: str, there: Software, here: Software) -> bool:
    if name == "Python":  # rows do not depend on its last number
        return _feature(there.get(name, "")) == _feature(here[name])
    return there.get(name) == here[name]


def _feature(version: str) -> list[str]:
    return version.split(".")[:2]


def _told(there: Software, here: Software, names: Iterable[str]) -> str:
    return ", ".join(
        f"{name} {there.get(name) or 'none'} (here {here[name] or 'none'})" for name in names
    )


def accepted(answer: tuple[Any, ...], here: Software, cure: str) -> tuple[int, list[Block]]:
    """A task's number and blocks, where what computed them is like this process.

    answer: what `worker.solve` of any version has returned, which before it said what it is was a
    number and blocks alone. Raises UsageError, which ends with the cure.
    """
    number, blocks, *said = answer
    place, there = said or ("a worker", {})
    refuse(place, there, here, cure)
    return number, blocks


def refuse(place: str, there: Software, here: Software, cure: str) -> None:
    """Raise UsageError for a worker that is not like this process."""
    if different := differences(there, here):
        raise UsageError(f"{place} has {different}; nothing that it computed is kept; {cure}")
