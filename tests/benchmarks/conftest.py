"""What was measured beside what is wanted, in a table at the end; a goal that is missed says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

Note = Callable[[str, float, str, float], None]


@dataclass(frozen=True)
class Measured:
    """A number beside its goal, which says "at least" or "at most" how much it should be."""

    what: str
    value: float
    sense: str
    goal: float

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.value >= self.goal if self.sense == "at least" else self.value <= self.goal

    def line(self, width: int) -> str:
        """A row of the table."""
        found, goal = f"{self.value:.3g}", f"{self.sense} {self.goal:g}"
        return f"{self.what:<{width}}  {found:>8}  {goal:<14}  {'met' if self.met else 'MISSED'}"


MEASURED = pytest.StashKey[list[Measured]]()


@pytest.fixture
def note(pytestconfig: pytest.Config) -> Note:
    """Have a number stand beside its goal in the table at the end."""
    found = pytestconfig.stash.setdefault(MEASURED, [])
    return lambda *words: found.append(Measured(*words))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table."""
    found = config.stash.get(MEASURED, [])
    if not found:
        return
    width = max(len(one.what) for one in found)
    terminalreporter.section("goals")
    terminalreporter.line(f"{'':<{width}}  {'measured':>8}  {'goal':<14}")
    for one in found:
        terminalreporter.line(one.line(width))
