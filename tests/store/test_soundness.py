"""What can be rows that sweep has written."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sweep import models
from sweep.store.schema import schema
from sweep.store.soundness import ALWAYS, plain, problem_of_columns


@pytest.mark.parametrize("name", list(models.MODELS))
def test_the_columns_that_all_models_have_are_those_that_each_has(name: str) -> None:
    columns = schema(models.load(name))
    assert all(columns.field(field.name).equals(field) for field in ALWAYS)
    assert not problem_of_columns(columns, ALWAYS)


@pytest.mark.parametrize(
    ("declared", "found", "fits"),
    [
        (pa.int64(), pa.float64(), True),
        (pa.float64(), pa.int32(), True),
        (pa.list_(pa.float64()), pa.list_(pa.int64()), True),
        (pa.list_(pa.float64()), pa.null(), True),
        (pa.int64(), pa.string(), False),
        (pa.string(), pa.float64(), False),
        (pa.list_(pa.float64()), pa.float64(), False),
        (pa.list_(pa.float64()), pa.list_(pa.string()), False),
    ],
)
def test_a_column_may_hold_what_becomes_the_type_that_is_declared(
    declared: pa.DataType, found: pa.DataType, fits: bool
) -> None:
    problem = problem_of_columns(pa.schema([("n", found)]), pa.schema([("n", declared)]))
    assert problem == ("" if fits else f"column n holds {found} instead of {declared}")


def test_the_types_of_other_programs_are_made_plain() -> None:
    words = pa.array(["a", None, "b"])
    kinds = [pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
    if int(pa.__version__.partition(".")[0]) >= 18:  # before, Arrow itself cannot cast them
        kinds.append(pa.string_view())
    for kind in kinds:
        assert plain(pa.table({"word": words.cast(kind)})).equals(pa.table({"word": words}))
    numbers = pa.array([[1.0], None, []], pa.list_(pa.float64()))
    found = plain(pa.table({"Q": numbers.cast(pa.large_list(pa.float64()))}))
    assert found.equals(pa.table({"Q": numbers}))
