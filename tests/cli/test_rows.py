"""Tables on a terminal: as many columns as fit, or those that are asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sweep.cli import rows
from sweep.errors import UsageError
from tests.cli.shell import sweep, write_grid

Said = pytest.CaptureFixture[str]
WIDE = pd.DataFrame({"K": [3, 10], "time": [1.5, float("inf")], "Q_11": [0.1, None], "word": "a"})


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    return lambda width: monkeypatch.setattr(rows, "terminal_width", lambda: width)


@pytest.mark.parametrize("width", [None, 100, 17])
def test_what_fits_is_shown_whole(
    width: int | None, wide: Callable[[int | None], None], capsys: Said
) -> None:
    wide(width)
    rows.print_rows(WIDE)
    assert capsys.readouterr() == (" K time Q_11 word\n 3  1.5  0.1    a\n10    ∞    –    a\n", "")


@pytest.mark.parametrize(
    ("width", "first", "names"),
    [
        (16, (), ["K", "time", "Q_11"]),
        (9, (), ["K", "time"]),
        (9, ("word",), ["K", "word"]),
        (1, (), ["K"]),
    ],
)
def test_what_does_not_fit_is_left_out_and_named(
    width: int,
    first: tuple[str, ...],
    names: list[str],
    wide: Callable[[int | None], None],
    capsys: Said,
) -> None:
    wide(width)
    rows.print_rows(WIDE, first=first)
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split() == names
    assert len(names) == 1 or max(map(len, out.splitlines())) <= width
    assert err.startswith(f"sweep: shows {len(names)} of 4 columns, which fit the terminal; ")
    assert all(name in err for name in set(WIDE) - set(names))


def test_columns_that_are_asked_for_are_shown_whatever_fits(
    wide: Callable[[int | None], None], capsys: Said
) -> None:
    wide(5)
    rows.print_rows(WIDE, ("word", "Q_11"))
    assert capsys.readouterr().out.splitlines()[0].split() == ["word", "Q_11"]
    rows.print_rows(WIDE, ("all",))
    assert capsys.readouterr() == (" K time Q_11 word\n 3  1.5  0.1    a\n10    ∞    –    a\n", "")
    with pytest.raises(UsageError, match="--columns: Q_1: no such column; did you mean Q_11"):
        rows.print_rows(WIDE, ("Q_1",))


def test_an_empty_table_has_its_header(capsys: Said) -> None:
    rows.print_rows(WIDE.head(0))
    assert capsys.readouterr().out == "K time Q_11 word\n"


def test_commands_take_columns(tmp_path: Path, capsys: Said) -> None:
    cell = ("cell", write_grid(tmp_path), "eta_w=3", "eta_J=6", "target_error=0.02", "seed=1")
    assert sweep(*cell, "--columns", "alpha, R_22") == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["alpha", "R_22"]
    assert sweep(*cell, "--columns", "alpha,R_22", "-o", tmp_path / "cell.csv") == 0
    assert list(pd.read_csv(tmp_path / "cell.csv")) == ["alpha", "R_22"]
    capsys.readouterr()
    assert sweep(*cell, "--columns", "alpha,R_33") == 2
    assert "--columns: R_33: no such column; allowed: alpha, error, Q_11" in capsys.readouterr().err
