"""The errors a user can make; each is one line that names what was wrong, where, and the cure."""

from __future__ import annotations

import logging
from collections.abc import Callable

Warn = Callable[[str], None]
"""Tells the user one line, and goes on."""

LOG = logging.getLogger("sweep")
"""Where messages go for those who call from Python; nothing is printed unless they ask for it."""
LOG.addHandler(logging.NullHandler())


class UsageError(Exception):
    """Something the user can put right; the command prints it on one line and exits with 2."""

    def __reduce__(self) -> tuple[object, ...]:
        """As it is, whatever its kind is made of, so that it comes back from another process."""
        return _restored, (type(self), self.args), vars(self)


def _restored(kind: type[UsageError], args: tuple[object, ...]) -> UsageError:
    return kind.__new__(kind, *args)


class ParameterError(UsageError):
    """A value that a parameter cannot take. `name` is the parameter, `problem` says the rest."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem
