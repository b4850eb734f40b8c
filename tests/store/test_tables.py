"""Tables of rows put together."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sweep.errors import UsageError
from sweep.store import tables
from sweep.store.tables import concatenated, conformed


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_tables_are_put_together_in_their_order_whatever_columns_they_have(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FEW", 3)
    made = [pa.table({"n": [i], f"column {i % 2}": [str(i)]}) for i in range(number)]
    rows = concatenated(iter(made)).to_pylist()
    assert [row["n"] for row in rows] == list(range(number))
    assert [row[f"column {i % 2}"] for i, row in enumerate(rows)] == [*map(str, range(number))]
    assert all(row.get(f"column {(i + 1) % 2}") is None for i, row in enumerate(rows))


def test_a_column_that_is_not_as_the_model_declares_is_said() -> None:
    wanted = pa.schema([("n", pa.int64()), ("new", pa.string())])
    assert conformed(pa.table({"n": [1.0, None]}), wanted).to_pydict() == {
        "n": [1, None],
        "new": [None, None],
    }
    with pytest.raises(UsageError, match=r"column n of the results does not hold int64") as said:
        conformed(pa.table({"n": [2.5]}), wanted)
    assert "\n" not in str(said.value)
