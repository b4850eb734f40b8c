"""What a run says of itself."""

from __future__ import annotations

import io
import sys
from collections import Counter

import pytest

from sweep.cli.output import stderr
from sweep.models.base import Block
from sweep.runner import progress
from sweep.runner.plan import Plan, make_plan
from sweep.runner.progress import Reporter, counted, duration
from sweep.store.known import Known
from tests.faults.laboratory import grid_of, text_of


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (-1, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (18_600, "5 h 10 min"),
    ],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_counts_are_in_words() -> None:
    assert counted(Counter()) == "nothing yet"
    counts = Counter(not_reached=3, reached=1200, failed=1)
    assert counted(counts) == "1,200 reached, 3 not reached, 1 failed"


class Listener(io.StringIO):
    """stderr, a terminal or not, that may be gone."""

    def __init__(self, *, terminal: bool = False, error: OSError | None = None) -> None:
        super().__init__()
        self.terminal, self.error = terminal, error

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        if self.error is not None:
            raise self.error
        return super().write(text)


@pytest.fixture
def plan() -> Plan:
    return make_plan(grid_of(text_of("x = [1, 2]\ntarget_error = [0.1, 0.2]")), Known())


def report(plan: Plan, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Reporter:
    """Report all trajectories of a plan as failed, one after the other."""
    monkeypatch.setattr(sys, "stderr", listener)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with Reporter(plan, stderr()) as reporter:
        for i in range(len(plan)):
            reporter.add([Block(plan.trajectory(i).cells, None, 0.0, "no")])
    return reporter


def test_lines_now_and_then_where_there_is_no_terminal(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    listener = Listener()
    reporter = report(plan, listener, monkeypatch)
    first, second = listener.getvalue().splitlines()
    assert first.startswith("2/4 cells, 2 failed; ")
    assert second == "4/4 cells, 4 failed; 0.0 s left"
    assert reporter.counts == Counter(failed=4)


def test_nothing_is_said_of_a_short_run(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener()
    report(plan, listener, monkeypatch)
    assert listener.getvalue() == ""


@pytest.mark.parametrize("colours", [True, False])
def test_a_bar_on_a_terminal_goes_away(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, colours: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    listener = Listener(terminal=True)
    report(plan, listener, monkeypatch)
    assert "4/4 cells" in listener.getvalue()
    assert "\x1b[2K" in listener.getvalue(), "the line is erased in the end"
    assert ("\x1b[33m" in listener.getvalue()) == colours


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), BrokenPipeError(32, "Broken pipe")]
)
def test_a_listener_who_has_gone_does_not_stop_the_run(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    assert report(plan, Listener(error=error), monkeypatch).counts == Counter(failed=4)
