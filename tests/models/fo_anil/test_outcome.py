"""What a student has learned, from overlaps whose answer is plain."""

from __future__ import annotations

import numpy as np

from sweep.models.fo_anil.outcome import LEARNED, alignment, cosines, learned_units


def test_cosines_are_those_of_the_vectors() -> None:
    draw = np.random.default_rng(0).standard_normal
    J, B = draw((3, 50)), draw((2, 50))
    rho = cosines(J @ J.T, J @ B.T, B @ B.T)
    for k in range(3):
        for n in range(2):
            expected = J[k] @ B[n] / (np.linalg.norm(J[k]) * np.linalg.norm(B[n]))
            np.testing.assert_allclose(rho[k, n], expected, rtol=1e-13)


def test_cosines_of_many_states_are_those_of_each() -> None:
    draw = np.random.default_rng(1).standard_normal
    J, B = draw((4, 3, 50)), draw((2, 50))
    Q, R, T = J @ J.swapaxes(1, 2), J @ B.T, B @ B.T
    for i in range(4):
        np.testing.assert_array_equal(cosines(Q, R, T)[i], cosines(Q[i], R[i], T))


def test_a_unit_of_no_length_is_aligned_with_nothing() -> None:
    for length in (0.0, -1e-40):  # a rounding error below zero
        rho = cosines(np.diag([length, 1.0]), np.array([[0.0, 0.0], [1.0, 0.0]]), np.eye(2))
        assert rho.tolist() == [[0, 0], [1, 0]]
        assert learned_units(rho) == 1


def test_alignment_is_the_closest_unit_s_whatever_its_sign() -> None:
    rho = np.array([[0.2, -0.9], [-0.7, 0.1], [0.1, 0.3]])
    assert alignment(rho).tolist() == [0.7, 0.9]


def test_each_direction_with_a_unit_of_its_own_counts_once() -> None:
    specialized = np.array([[0.95, 0.1], [0.1, -0.99], [0.0, 0.98], [0.5, 0.5]])
    assert learned_units(specialized) == 2
    assert learned_units(specialized[[0, 3]]) == 1
    assert learned_units(np.full((3, 2), LEARNED)) == 0


def test_a_unit_between_two_close_directions_counts_for_one_only() -> None:
    # Teacher directions with a cosine of 0.98: a unit along one is beyond 0.9 to both.
    T = np.array([[1.0, 0.98], [0.98, 1.0]])
    assert learned_units(cosines(np.eye(1), T[:1], T)) == 1
    between = np.array([[0.99, 0.99]])
    assert learned_units(cosines(np.eye(1), between, T)) == 1
    assert learned_units(cosines(T, T, T)) == 2


def test_a_state_that_is_no_number_has_learned_nothing() -> None:
    rho = cosines(np.full((2, 2), np.nan), np.full((2, 3), np.nan), np.eye(3))
    assert learned_units(rho) == 0
