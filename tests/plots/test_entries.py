from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sweep.errors import UsageError
from sweep.models.fo_anil.model import MODEL
from sweep.plots.draw import draw
from sweep.plots.entries import split_entry, with_entry
from tests.plots.rows import request, rows


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("alignment[0]", ("alignment", 0)),
        ("R[12]", ("R", 12)),
        ("error_final", ("error_final", None)),
        ("R[-1]", ("R[-1]", None)),
        ("R[x]", ("R[x]", None)),
    ],
)
def test_an_entry_is_written_as_in_python(value: str, parts: tuple[str, int | None]) -> None:
    assert split_entry(value) == parts


def test_lists_that_are_too_short_or_missing_have_no_entry() -> None:
    frame = pd.DataFrame({"R": [np.array([1.0, 2.0]), np.array([3.0]), None]})
    np.testing.assert_equal(with_entry(frame, "R", 1)["R[1]"].to_numpy(), [2.0, np.nan, np.nan])


def test_an_entry_beyond_all_lists_is_refused() -> None:
    frame = pd.DataFrame({"R": [np.array([1.0, 2.0]), None]})
    with pytest.raises(UsageError, match=r"found R\[2\]; allowed are R\[0\] to R\[1\]"):
        with_entry(frame, "R", 2)


def test_before_anything_is_computed_every_entry_is_missing() -> None:
    frame = pd.DataFrame({"eta_w": [1.0, 2.0], "R": [None, None]})
    assert with_entry(frame, "R", 3)["R[3]"].isna().all()


def test_cosines_have_a_scale_from_0_to_1_and_no_star() -> None:
    axes = {"eta_w": [1.0, 2.0], "eta_J": [1.0, 2.0]}
    frame = rows(axes, lambda _: 1.0, **{"alignment[0]": lambda cell: cell["eta_w"] / 4})
    asked = request(axes, facet=None, value="alignment[0]", columns=MODEL.columns)
    panel, bar = draw(frame, asked).axes
    assert bar.get_ylabel() == r"largest $|\rho_{k1}|$"
    assert bar.get_ylim() == (0.0, 1.0)
    assert not panel.lines
