from __future__ import annotations

import colorsys

import numpy as np
import pytest
from matplotlib.colors import LogNorm, to_rgb, to_rgba

from sweep.models.seeds import ABSENT
from sweep.models.status import DIVERGED, FAILED, MISSING, NOT_REACHED, REACHED
from sweep.plots.colours import (
    SEQUENTIAL,
    STATUS_COLOURS,
    YELLOW,
    norm_of,
    paint,
)


def luminance(rgb: np.ndarray) -> np.ndarray:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def test_the_map_darkens_steadily_and_stays_darker_than_the_yellow() -> None:
    light = luminance(SEQUENTIAL(np.linspace(0, 1, 256))[:, :3])
    assert np.all(np.diff(light) < 0)
    assert light[0] < 0.9 * luminance(np.array(to_rgb(YELLOW)))


def test_the_map_holds_no_warm_colour() -> None:
    hues = [colorsys.rgb_to_hsv(*rgb)[0] for rgb in SEQUENTIAL(np.linspace(0, 1, 64))[:, :3]]
    assert min(hues) > 0.4  # from green-blue
    assert max(hues) < 0.75  # to violet


def test_statuses_differ_in_luminance_or_strongly_in_hue() -> None:
    light = {code: luminance(np.array(to_rgb(c))) for code, c in STATUS_COLOURS.items()}
    assert light[FAILED] < light[DIVERGED] < light[REACHED] < light[MISSING] < light[NOT_REACHED]


@pytest.mark.parametrize(
    ("values", "logarithmic"),
    [
        ([1.0, 100.0], True),
        ([0.0, 1.0, 100.0], True),
        ([1.0, 2.0], False),
        ([-1.0, 100.0], False),
        ([5.0, 5.0], False),
        ([], False),
    ],
)
def test_the_scale_is_logarithmic_where_that_makes_sense(
    values: list[float], logarithmic: bool
) -> None:
    norm = norm_of(np.array([*values, np.nan]))
    assert isinstance(norm, LogNorm) == logarithmic
    assert norm.vmin is not None
    assert norm.vmax is not None
    assert norm.vmin < norm.vmax


def test_values_give_colours_and_the_rest_statuses() -> None:
    values = np.array([1.0, 100.0, 0.0, np.nan, np.nan, np.nan, np.nan, np.nan])
    status = np.array(
        [REACHED, REACHED, REACHED, NOT_REACHED, DIVERGED, FAILED, MISSING, ABSENT], dtype=np.int8
    )
    rgba = paint(values, status, norm_of(values), SEQUENTIAL)
    np.testing.assert_allclose(rgba[0], SEQUENTIAL(0.0))
    np.testing.assert_allclose(rgba[1], SEQUENTIAL(1.0))
    np.testing.assert_allclose(rgba[2], SEQUENTIAL(0.0))
    for i, code in ((3, NOT_REACHED), (4, DIVERGED), (5, FAILED), (7, ABSENT)):
        np.testing.assert_allclose(rgba[i], to_rgba(STATUS_COLOURS[code]))
    assert rgba[6, 3] == 0  # the hatched ground shows through
