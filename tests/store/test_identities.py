"""Identities as bytes: there and back, looked up, and told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sweep.grid import cell_ids, read_grid
from sweep.store import identities
from sweep.store.identities import in_words, of_cells, one_each, parsed, positions

RNG = np.random.default_rng(0)
WORDS = [RNG.bytes(16).hex() for _ in range(1000)]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identities, "BLOCK", 64)


def test_the_identities_of_cells_are_those_of_their_rows(tmp_path: Path) -> None:
    file = tmp_path / "grid.toml"
    file.write_text('model = "fo-anil"\n[axes]\nK = [2, 3]\neta_w = [1, 2, 3]\neta_J = [1, 2]\n')
    grid = read_grid(file)
    words = cell_ids(grid.cells(), grid.model, grid.solver)
    assert len(set(words)) == 12
    ids = of_cells(grid.cells(), grid.model, grid.solver)
    assert in_words(ids).to_pylist() == words
    assert parsed(pa.array(words)).equals(ids)


def test_identities_are_read_however_a_column_is_cut() -> None:
    whole = parsed(pa.array(WORDS))
    assert in_words(whole).to_pylist() == WORDS
    cut = pa.chunked_array([WORDS[:1], WORDS[1:90], [], WORDS[90:]])
    assert parsed(cut).equals(whole)
    assert parsed(pa.array(WORDS).slice(7, 100)).equals(whole.slice(7, 100))
    assert in_words(whole.slice(7, 100)).to_pylist() == WORDS[7:107]
    assert len(parsed(pa.chunked_array([], pa.string()))) == 0


ODD = ["", "a", WORDS[3].upper(), WORDS[3][:-1], WORDS[3] + "0", "ü" * 16]


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_identity_of_ours_is_nobody_else_s(odd: str) -> None:
    words = [*WORDS[:5], odd, *WORDS[5:9]]
    assert positions(parsed(pa.array(words)), parsed(pa.array(WORDS))).tolist() == [
        *range(5), -1, *range(5, 9)
    ]  # fmt: skip
    assert positions(parsed(pa.array([odd])), parsed(pa.array(words))).tolist() == [5]


def test_identities_are_looked_up_also_where_they_begin_alike() -> None:
    alike = ["0" * 16 + word[16:] for word in WORDS[:30]]
    there = [*WORDS[:300], *alike[:20]]
    wanted = [*alike, *WORDS[500:510], *WORDS[:300]]
    order = RNG.permutation(len(wanted))
    found = positions(parsed(pa.array([wanted[i] for i in order])), parsed(pa.array(there)))
    assert found.tolist() == [there.index(wanted[i]) if wanted[i] in there else -1 for i in order]


def test_of_several_rows_of_a_cell_the_first_stays_that_is_not_the_least() -> None:
    a, b, c = WORDS[0], WORDS[0][:16] + "f" * 16, WORDS[1]
    words = [a, b, c, b, a, c, c]
    least = np.array([True, False, True, False, False, True, True])
    stays = one_each(parsed(pa.array(words)), least)
    assert stays.tolist() == [False, True, True, False, True, False, False]
    assert one_each(parsed(pa.array(words[:3])), least[:3]).all()
