"""Tables for others to read."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sweep.errors import UsageError
from sweep.store.export import write_table

TABLE = pd.DataFrame(
    {"a": [1, 2], "x": [0.1, math.nan], "Q": [np.array([1.5, 2.5]), None], "text": ["é", None]}
)


def test_csv_has_lists_as_json(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "deep" / "t.csv")
    back = pd.read_csv(tmp_path / "deep" / "t.csv")
    assert json.loads(back["Q"][0]) == [1.5, 2.5]
    assert back["x"].tolist()[0] == 0.1
    assert back["text"].tolist()[0] == "é"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["t.csv"]


def test_parquet_has_lists(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "t.parquet")
    assert list(pd.read_parquet(tmp_path / "t.parquet")["Q"][0]) == [1.5, 2.5]


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("t.xlsx", "found the ending '.xlsx'; allowed is .csv or .parquet"),
        ("t", "found no ending"),
        ("file/t.csv", "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, named: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UsageError, match=named):
        write_table(TABLE, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
