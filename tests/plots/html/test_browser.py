"""A page in a real browser: pointing, clicking, keys, and nothing that it asks others for."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from sweep.models.status import NOT_REACHED
from sweep.plots.colours import STATUS_COLOURS
from tests.plots.html.browser import browser
from tests.plots.html.decay import decay_grid, decay_page, rows_of


class Seen:
    """An open page, and what it asked for and complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, file: Path) -> None:
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-ready]")

    def texts(self, selector: str) -> list[str]:
        return list(self.page.locator(selector).all_inner_texts())

    def point(self, panel: int, column: int, row: int) -> tuple[float, float]:
        """The middle of a cell on the screen, from what Python measured."""
        header = self.page.evaluate("JSON.parse(document.querySelector('#header').textContent)")
        x, y = (header["panels"][panel][along]["edges"] for along in "xy")
        box = self.page.locator("#figure").bounding_box()
        scale = box["width"] / header["size"][0]
        across, up = (x[column] + x[column + 1]) / 2, (y[row] + y[row + 1]) / 2
        return box["x"] + scale * across, box["y"] + scale * up


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    file = tmp_path_factory.mktemp("page") / "decay.html"
    with browser() as started:
        file.write_text(decay_page(decay_grid()), encoding="utf-8")
        seen = Seen(started.new_page(viewport={"width": 1400, "height": 900}))
        seen.open(file)
        yield seen


@pytest.fixture
def seen(opened: Seen) -> Seen:
    """The page without anything selected."""
    opened.page.mouse.move(0, 0)
    opened.page.locator("#figure").focus()
    for _ in range(2):
        opened.page.keyboard.press("Escape")
    return opened


def test_every_cell_says_what_it_is_where_the_picture_has_its_colour(seen: Seen) -> None:
    picture = matplotlib.image.imread(io.BytesIO(seen.page.screenshot()))
    yellow = to_rgb(STATUS_COLOURS[NOT_REACHED])
    rows = rows_of(decay_grid())
    for i, row in rows.iloc[::3].iterrows():
        panel, column, up = i // 20, i % 20 // 5, i % 5
        x, y = seen.point(panel, column, up)
        pixel = picture[int(y), int(x), :3]
        assert (np.abs(pixel - yellow).max() < 0.02) == (row["status"] == "not_reached")
        seen.page.mouse.move(x, y)
        told = seen.texts("#tip")[0].split("\n")
        named = dict(part.split(" = ") for part in told[0].split(", "))
        for name, text in named.items():
            assert float(text) == pytest.approx(row[name], rel=1e-5)
        assert told[1].startswith(row["status"].replace("_", " "))


def test_a_click_shows_the_course_and_the_command(seen: Seen) -> None:
    seen.page.mouse.click(*seen.point(1, 2, 3))
    assert seen.texts(".card h2") == ["A: K = 3, w = 0.75, eta = 3.16228"]
    assert seen.texts(".card p")[0] == "reached at alpha = 1.9417"
    command = "sweep cell 'decay grid.toml' K=3 w=0.75 eta=3.16227766017"
    assert seen.texts(".command code") == [command]
    assert seen.texts(".ends tr:last-child") == ["3\t1.19\t1.52"]  # ρ at the target
    box = seen.page.locator(".chart svg").bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    time, error = (
        float(re.findall(rf"{name} = ([\d.]+)", seen.texts(".reading")[0])[0]) for name in "αε"
    )
    assert error == pytest.approx(math.exp(-0.75 * 10**0.5 * time), rel=0.02)


def test_a_second_cell_is_laid_over_the_first_and_a_third_takes_its_place(seen: Seen) -> None:
    for column in range(3):
        seen.page.mouse.click(*seen.point(0, column, 4))
    assert [text[:12] for text in seen.texts(".card h2")] == ["A: K = 2, w ", "B: K = 2, w "]
    assert "w = 0.75" in seen.texts(".card h2")[1]
    assert seen.page.locator(".chart .curve").count() == 2
    seen.page.get_by_role("button", name="ρ", exact=True).click()
    assert seen.page.locator(".chart[data-series=rho] .curve").count() == 2 * 4
    seen.page.get_by_role("button", name="ρ", exact=True).click()
    seen.page.mouse.click(*seen.point(0, 0, 4))
    assert seen.page.locator(".card").count() == 1


def test_keys_move_from_cell_to_cell_and_select(seen: Seen) -> None:
    seen.page.mouse.move(*seen.point(0, 3, 0))
    for key, said in (
        ("ArrowUp", "K = 2, w = 1, eta = 0.316228"),
        ("ArrowRight", "K = 3, w = 0.25, eta = 0.316228"),
        ("n", "K = 3, w = 0.25, eta = 0.316228"),
        ("p", "K = 2, w = 0.25, eta = 0.316228"),
        ("ArrowDown", "K = 2, w = 0.25, eta = 0.1"),
    ):
        seen.page.keyboard.press(key)
        assert seen.texts("#says")[0].split(";")[0] == said
    seen.page.keyboard.press("Enter")
    assert seen.texts(".card h2") == ["A: K = 2, w = 0.25, eta = 0.1"]


def test_a_panel_in_full_size(seen: Seen) -> None:
    seen.page.mouse.move(*seen.point(1, 1, 1))
    seen.page.keyboard.press("z")
    boxes = [svg.get_attribute("viewBox") for svg in seen.page.query_selector_all("#figure > svg")]
    assert boxes[0] == boxes[1] != "0 0"
    assert float(boxes[0].split()[0]) > 0
    ticks = seen.page.locator(".zoomed text").all_text_contents()
    assert {"0.1", "1", "10", "w", "eta", "K = 3"} <= {*ticks}
    seen.page.keyboard.press("Escape")
    assert seen.page.locator(".zoomed text").count() == 0


def test_a_status_of_the_legend_is_highlighted(seen: Seen) -> None:
    shaded = seen.page.locator("path.dim")
    seen.page.locator("#legend button", has_text="not reached").hover()
    assert shaded.get_attribute("d").count("z") > 0
    seen.page.mouse.move(0, 0)
    assert shaded.count() == 0


def test_the_cells_as_a_table(seen: Seen) -> None:
    seen.page.locator("#cells summary").click()
    seen.page.locator("#table tbody tr").first.wait_for()
    assert seen.page.locator("#table tbody tr").count() == 40
    assert seen.texts("#table tbody tr:last-child td")[:4] == ["3", "1", "10", "reached"]
    seen.page.locator("#table tbody button").last.click()
    assert seen.texts(".card h2") == ["A: K = 3, w = 1, eta = 10"]


def test_light_and_dark(seen: Seen) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = seen.page.evaluate(ground)
    seen.page.locator("#theme").click()
    assert seen.page.evaluate(ground) != light
    seen.page.locator("#theme").click()


def test_lines_say_what_their_points_are(opened: Seen, tmp_path: Path) -> None:
    file = tmp_path / "lines.html"
    text = decay_page(decay_grid(), x="w", series="eta", facet="K", value="error_final")
    file.write_text(text, encoding="utf-8")
    opened.open(file)
    panel = opened.page.evaluate("JSON.parse(document.querySelector('#header').textContent)")
    box, where = opened.page.locator("#figure").bounding_box(), panel["panels"][1]
    scale = box["width"] / panel["size"][0]
    opened.page.mouse.move(
        box["x"] + scale * where["x"]["centres"][2], box["y"] + scale * where["heights"][2]
    )
    assert opened.texts("#tip b") == ["K = 3, w = 0.75, eta = 0.1"]


def test_seeds_share_a_place_and_are_chosen_among(opened: Seen, tmp_path: Path) -> None:
    file = tmp_path / "seeds.html"
    grid = decay_grid(
        axes={"K": [2, 3], "eta": [0.1, 1.0], "seed": [4, 5, 6]}, plot={"x": "K", "y": "eta"}
    )
    file.write_text(decay_page(grid, value="units"), encoding="utf-8")
    opened.open(file)
    opened.page.mouse.move(*opened.point(0, 1, 1))
    assert opened.texts("#tip > div") == [
        "K = 3, eta = 1",
        "median of units: 3",
        "3 seeds: 3 reached",
    ]
    opened.page.mouse.click(*opened.point(0, 1, 1))
    opened.page.get_by_role("button", name="seed = 6").click()
    assert opened.texts(".card h2") == ["A: K = 3, eta = 1, seed = 6"]


def test_no_page_asked_for_anything_or_complained(opened: Seen) -> None:
    assert {url.partition(":")[0] for url in opened.requests} == {"file"}
    assert all(url.endswith((".html",)) for url in opened.requests)
    assert opened.complaints == []
