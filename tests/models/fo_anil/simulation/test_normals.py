"""Normal numbers by the thousand: their law, and the bits that they come from."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import SFC64, SeedSequence
from scipy import stats

from sweep.models.fo_anil.simulation.normals import (
    LANES,
    lanes,
    normal_numbers,
    random_bits,
    room_for,
)
from sweep.ode.arrays import Floats

COUNT = 1 << 20


def numbers(seed: int = 0) -> tuple[Floats, np.ndarray]:
    bits, found = np.empty(COUNT, dtype=np.uint64), np.empty(COUNT)
    normal_numbers(lanes(SeedSequence(seed)), bits, found)
    return found, bits


def test_each_lane_is_a_stream_of_numpy_s_generator() -> None:
    state = lanes(SeedSequence(5))
    peer = SFC64()
    told = peer.state
    told["state"]["state"] = np.array(state[:, 3])
    peer.state = told
    bits = np.empty(7 * LANES, dtype=np.uint64)
    random_bits(state, bits)
    assert bits.reshape(7, LANES)[:, 3].tolist() == peer.random_raw(7).tolist()
    assert len(np.unique(bits)) == len(bits)


def test_the_numbers_are_those_of_the_method_to_the_last_digits() -> None:
    found, bits = numbers()
    v = 2.0 - ((bits[: COUNT // 2] >> np.uint64(12)).astype(float) / 2.0**52 + 1.0)
    x, y = found[: COUNT // 2], found[COUNT // 2 :]
    np.testing.assert_allclose(x * x + y * y, -2.0 * np.log(v), rtol=5e-15)
    turn = (bits[COUNT // 2 :] >> np.uint64(12)).astype(float) / 2.0**52 - 0.5
    swapped = (bits[COUNT // 2 :] & np.uint64(2)) > 0
    tangent = np.where(swapped, x, y) / np.abs(np.where(swapped, y, x))
    np.testing.assert_allclose(np.arctan(tangent), turn * np.pi / 2, atol=5e-15)


def test_the_numbers_have_the_normal_law_and_know_nothing_of_each_other() -> None:
    found, _ = numbers(1)
    assert stats.kstest(found, "norm").pvalue > 1e-3
    n, order = np.sqrt(COUNT), range(1, 7)
    moments = [float(np.mean(found**k)) for k in order]
    expected = [0.0, 1.0, 0.0, 3.0, 0.0, 15.0]
    spread = [
        np.sqrt(stats.norm.moment(2 * k) - m**2) for k, m in zip(order, expected, strict=True)
    ]
    assert np.all(np.abs(np.subtract(moments, expected)) < 4.5 * np.array(spread) / n)
    angle = np.arctan2(found[: COUNT // 2], found[COUNT // 2 :])
    assert stats.kstest(angle / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3
    for lag in (1, 2, LANES - 1, LANES, 2 * LANES, COUNT // 2):
        for power in (1, 2):
            a, b = found[:-lag] ** power, found[lag:] ** power
            assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(COUNT - lag), (lag, power)


@pytest.mark.parametrize("count", [1, 31, 32, 33, 600])
def test_there_is_room_for_what_is_wanted_and_little_more(count: int) -> None:
    assert count <= room_for(count) < count + 2 * LANES
    assert room_for(count) % (2 * LANES) == 0


def test_the_seed_alone_decides() -> None:
    assert (numbers(2)[0] == numbers(2)[0]).all()
    assert not (numbers(2)[0] == numbers(3)[0]).any()
