"""The fast activation against scipy's erf."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import erf

from sweep.models.fo_anil.simulation.activation import erf_unit, gaussian


def test_the_activation_is_erf() -> None:
    for z in np.linspace(-14, 14, 20_001):
        assert erf_unit(z, gaussian(z)) == pytest.approx(erf(z / math.sqrt(2)), abs=2e-14)


def test_the_gaussian_is_relatively_accurate() -> None:
    for z in np.linspace(-11, 11, 20_001):
        assert gaussian(z) == pytest.approx(math.exp(-z * z / 2), rel=3e-14)


def test_far_out_both_have_their_limits_and_nan_stays_nan() -> None:
    assert erf_unit(math.inf, gaussian(math.inf)) == 1
    assert erf_unit(-1e200, gaussian(-1e200)) == -1
    assert gaussian(1e200) < 1e-27
    assert math.isnan(erf_unit(math.nan, gaussian(math.nan)))
