"""Identities: equal to the plain hash of each cell, and to one another when they should be."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.grid import Grid, cell_ids
from sweep.models.base import Model
from sweep.models.parameters import Parameter, Value
from tests.grid.fake import MODEL, FakeModel, grid


def ids(grid: Grid) -> list[str]:
    return cell_ids(grid.cells(), grid.model, grid.solver)


def plain_id(model: Model, cell: Mapping[str, Value], solver: Mapping[str, Value]) -> str:
    """The definition, one cell at a time."""

    def kept(parameters: Sequence[Parameter], values: Mapping[str, Value]) -> dict[str, Value]:
        return {
            p.name: "inf" if values[p.name] == math.inf else values[p.name]
            for p in parameters
            if not (p.later and values[p.name] == p.default)
        }

    identity = {
        "model": model.name,
        "version": model.version,
        "parameters": kept(model.parameters, cell),
        "solver": kept(model.solver, solver),
    }
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()


AXES = {
    "K": "[3, 4, 5]",
    "eta_w": "{lin = [0.1, 0.7], n = 4}",
    "V": "[100, inf]",
    "teacher": '["graded", 1, [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 3]]]',
    "order": '["first", "second"]',
    "zeta": "[0, 0.25]",
    "A_late": "[0.25, 0.5, 1]",
}


@given(st.lists(st.sampled_from(sorted(AXES)), unique=True, max_size=4), st.sampled_from([1000, 9]))
def test_ids_are_the_hashes_of_plain_json(names: list[str], steps: int) -> None:
    swept = "\n".join(f"{name} = {AXES[name]}" for name in names)
    g = grid(f"[axes]\n{swept}\n[solver]\nsteps = {steps}")
    cells = g.cells()
    expected = [plain_id(MODEL, cells.cell(i), g.solver) for i in range(len(cells))]
    assert ids(g) == expected
    assert len(set(expected)) == len(expected)


def test_an_id_is_32_hexadecimal_digits() -> None:
    (only,) = ids(grid())
    assert len(only) == 32
    int(only, 16)


def test_the_identity_of_the_default_cell_never_changes() -> None:
    """A new id here means that nobody's saved results would be found any more."""
    assert ids(grid()) == ["78632eaa2ccdbde866ce7c8e960f494e"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fixed = { K = 3, eta_w = 2 }", "fixed = { eta_w = 2.0, K = 3.0 }"),
        ("fixed = { eta_w = 0.3 }", "fixed = { eta_w = 0.30000000000000004 }"),
        ("axes = { K = [3, 4], M = [1, 2] }", "axes = { M = [1, 2], K = [3, 4] }"),
        ("fixed = { K = 3, V = inf }", ""),
        ("solver = { rtol = 1e-9 }", ""),
        ("fixed = { zeta = 0 }", ""),
        ("axes = { K = [3] }", "fixed = { K = 3 }"),
        ("title = 'a'\nplot = { x = 'K' }", "title = 'b'"),
        ("fixed = { R0 = [[1, 0], [0, 1]] }", "fixed = { R0 = [[1.0, -0.0], [0.0, 1.0]] }"),
        ("fixed = { R0 = [[0.3]] }", "fixed = { R0 = [[0.30000000000000004]] }"),
    ],
)
def test_what_makes_no_difference_gives_the_same_ids(one: str, other: str) -> None:
    assert sorted(ids(grid(one))) == sorted(ids(grid(other)))


@given(st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=4))
def test_a_matrix_of_at_most_12_digits_is_hashed_as_it_is_written(entries: list[float]) -> None:
    a, b, c, d = (float(f"{entry:.12g}") + 0.0 for entry in entries)
    g = grid(f"fixed = {{ R0 = [[{a!r}, {b!r}], [{c!r}, {d!r}]] }}")
    assert g.fixed["R0"] == ((a, b), (c, d))
    assert ids(g) == [plain_id(MODEL, {**g.fixed, "R0": ((a, b), (c, d))}, g.solver)]


@pytest.mark.parametrize(
    "body",
    [
        "fixed = { seed = 1 }",
        "fixed = { eta_w = 3.00000000001 }",
        "fixed = { R0 = [[3.00000000001]] }",
        "fixed = { zeta = 1 }",
        "fixed = { teacher = 'identity' }",
        "solver = { rtol = 1e-8 }",
        "solver = { steps = 999 }",
    ],
)
def test_what_makes_a_difference_gives_other_ids(body: str) -> None:
    assert ids(grid(body)) != ids(grid())


def test_another_version_of_the_model_gives_other_ids() -> None:
    class Newer(FakeModel):
        version = 4

    g = grid()
    assert cell_ids(g.cells(), Newer(), g.solver) != ids(g)


def test_a_parameter_added_later_leaves_old_ids_alone() -> None:
    class Grown(FakeModel):
        parameters = (*MODEL.parameters, Parameter("B_new", "real", 1.0, "new", later=True))

    g = grid("axes = { K = [3, 4] }")
    cells = g.cells()
    old = ids(g)
    one = type(cells)({**cells.values, "B_new": (1.0,)}, {**cells.codes, "B_new": cells.codes["P"]})
    assert cell_ids(one, Grown(), g.solver) == old
    two = type(cells)({**cells.values, "B_new": (2.0,)}, one.codes)
    assert not set(cell_ids(two, Grown(), g.solver)) & set(old)


def test_widening_or_refining_an_axis_keeps_every_id() -> None:
    coarse = grid("[axes]\nK = {int = [3, 5]}\neta_w = {lin = [0.5, 2], n = 4}")
    fine = grid("[axes]\nK = {int = [2, 9]}\neta_w = {lin = [0.25, 4.0], n = 16}")
    assert set(ids(coarse)) < set(ids(fine))


@given(st.lists(st.integers(0, 11), max_size=8))
def test_a_cell_keeps_its_id_in_any_table(index: list[int]) -> None:
    g = grid("axes = { K = [3, 4, 5], V = [1, 2], zeta = [0, 1] }")
    cells = g.cells()
    part = cells.take(np.array(index, dtype=np.int64))
    everything = ids(g)
    assert cell_ids(part, g.model, g.solver) == [everything[i] for i in index]


def test_ids_do_not_depend_on_where_blocks_end(monkeypatch: pytest.MonkeyPatch) -> None:
    g = grid("axes = { K = {int = [1, 10]}, V = [1, 2] }")
    whole = ids(g)
    monkeypatch.setattr("sweep.grid.identity.BLOCK", 7)
    assert ids(g) == whole
