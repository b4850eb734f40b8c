"""Work that may take a while says that it goes on."""

from __future__ import annotations

import threading

import pytest

from sweep.cli import patience
from sweep.errors import UsageError

Said = pytest.CaptureFixture[str]


def test_long_work_says_now_and_then_that_it_goes_on(
    capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = threading.Event()
    lines: list[str] = []

    def warn(line: str) -> None:
        lines.append(line)
        said.set()

    monkeypatch.setattr(patience, "SILENT_S", 0.001)
    monkeypatch.setattr(patience, "LINE_EVERY_S", 0.001)
    monkeypatch.setattr(patience, "warn", warn)
    assert patience.attended(lambda: said.wait(60), "grid.toml", 100.0)
    assert lines[0] == "grid.toml: 0.0 s so far, forecast to take 1 min 40 s"
    assert capsys.readouterr().err == ""


def test_short_work_says_nothing_and_its_errors_are_its_own(capsys: Said) -> None:
    def fail() -> None:
        raise UsageError("no")

    with pytest.raises(UsageError, match="no"):
        patience.attended(fail, "grid.toml", float("nan"))
    assert patience.attended(lambda: 7, "grid.toml", 3600.0) == 7
    assert capsys.readouterr() == ("", "")
