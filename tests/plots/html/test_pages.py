"""What is in a page, without a browser."""

from __future__ import annotations

import base64
import json
import zlib
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from sweep import __version__
from sweep.plots.html.document import SCRIPTS
from sweep.plots.html.packed import TYPES, Arrays
from sweep.store.metadata import describe
from tests.plots.html.decay import Decay, decay_grid, decay_page


def element(text: str, name: str) -> str:
    return text.split(f'id="{name}">')[1].split("</script>")[0]


def header_of(text: str) -> Any:
    return json.loads(element(text, "header"))


def arrays_of(text: str) -> dict[str, Any]:
    """As the page's script unpacks them."""
    left = zlib.decompress(base64.b64decode(element(text, "data")))
    found = {}
    for name, kind, length in header_of(text)["arrays"]:
        size = np.dtype(TYPES[kind]).itemsize
        planes = np.frombuffer(left[: length * size], dtype=np.uint8).reshape(size, length)
        found[name] = np.ascontiguousarray(planes.T).view(TYPES[kind])[:, 0]
        left = left[length * size :]
    assert not left
    return found


@pytest.mark.parametrize("kind", TYPES)
def test_arrays_come_back_as_they_were(kind: str) -> None:
    arrays, values = Arrays(), np.arange(300).astype(TYPES[kind])
    arrays.add("one", kind, values)
    arrays.add("none", kind, values[:0])
    text = f'id="header">{json.dumps({"arrays": arrays.names})}</script>'
    found = arrays_of(f'{text}id="data">{arrays.text()}</script>')
    np.testing.assert_array_equal(found["one"], values)


def test_cells_of_one_trajectory_share_a_course_at_their_own_clocks() -> None:
    before = Decay.traced
    found = arrays_of(decay_page(decay_grid()))
    assert len(found["points"]) == 2 * 4
    assert 8 <= Decay.traced - before <= 16  # where one window is much longer than another, twice
    grid = decay_grid()
    np.testing.assert_allclose(found["clock"], grid.cells().numbers("eta"), rtol=1e-6)
    assert {*np.bincount(found["course"])} == {0, 5}
    starts = np.cumsum([0, *found["points"]])
    for i, w in enumerate([0.25, 0.5, 0.75, 1.0] * 2):
        time = found["time"][starts[i] : starts[i + 1]]
        error = found["floats"][starts[i] : starts[i + 1]]
        np.testing.assert_allclose(error, np.exp(-w * time.astype(float)), rtol=1e-4)


def test_courses_that_are_not_wanted_are_not_followed() -> None:
    before = Decay.traced
    text = decay_page(decay_grid(), "none")
    assert Decay.traced == before
    assert "points" not in arrays_of(text)
    assert "--courses all" in header_of(text)["courses"]["note"]


def test_a_model_without_courses_has_a_page_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Decay, "trace")
    text = decay_page(decay_grid())
    assert "shows no course of a cell" in header_of(text)["courses"]["note"]


def test_many_trajectories_are_followed_only_when_all_are_asked_for() -> None:
    grid = decay_grid(axes={"K": [2], "w": {"lin": [0.1, 1.0], "n": 1001}, "eta": [1.0, 2.0]})
    assert "note" in header_of(decay_page(grid))["courses"]


def test_seeds_share_a_place_and_have_the_statistic_as_its_value() -> None:
    grid = decay_grid(
        axes={"w": [0.5, 1.0], "eta": [1.0, 2.0], "seed": [0, 1, 2]},
        plot={"x": "w", "y": "eta"},
    )
    text = decay_page(grid)
    assert header_of(text)["value"] == "median of time_to_target"
    found = arrays_of(text)
    assert [*np.bincount(found["place"])] == [3, 3, 3, 3]
    assert len(found["value"]) == 4


def test_what_is_filtered_out_is_no_cell_of_the_page() -> None:
    text = decay_page(decay_grid(), where={"K": ["3"]})
    found = arrays_of(text)
    assert len(found["status"]) == 20
    assert {*found["parameter K"]} == {1}
    assert len(header_of(text)["panels"]) == 1


def test_a_page_says_how_it_was_made_and_asks_for_nothing() -> None:
    grid = decay_grid()
    text = decay_page(grid)
    made = json.loads(element(text, "made"))
    assert made["grid"] == grid.text
    assert made["sweep_version"] == __version__
    assert made["git_commit"] == describe("", "")["git_commit"]
    assert f'content="meta-sweep {__version__}"' in text
    assert "default-src 'none'" in text
    assert text.count("</script>") == 4  # a title does not end one
    without_names = text.replace("http://www.w3.org/", "")
    assert "http:" not in without_names.replace("http-equiv", "")
    assert "https:" not in without_names


def test_the_parts_of_a_page_are_shipped() -> None:
    parts = {f"{name}.js" for name in SCRIPTS} | {"page.html", "page.css"}
    assert all((files("sweep.plots.html") / name).is_file() for name in parts)
