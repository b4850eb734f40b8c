"""First passages on series of errors that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.models.base import Answers
from sweep.models.fo_anil.simulation.passage import Passages
from sweep.models.fo_anil.simulation.run import Start, Stretch, moving_means
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED
from sweep.ode.arrays import Floats

N = 10
WINDOW = 4
START = Start(np.eye(1), np.zeros((1, 1)), np.eye(1))


def passages(
    errors: Floats, targets: list[float], last: list[int], length: int = 3, window: int = WINDOW
) -> Answers:
    """The answers to cells of a run with these errors, Q = t and R = -t after t tasks."""
    watched = Passages(np.array(targets), np.array(last), window, START)
    recent = np.zeros(window)
    for done in range(0, len(errors), length):
        part = errors[done : done + length]
        means = np.empty(len(part))
        moving_means(part, recent, done, means)
        t = np.arange(done + 1.0, done + len(part) + 1)[:, None, None]
        watched.watch(Stretch(done, part, means, t, -t))
    watched.diverge()
    return watched.answers(N, len(errors))


FALLING = np.array([8.0, 8, 8, 8, 4, 4, 4, 4, 0, 0, 0, 0])


def test_the_passage_is_the_middle_of_the_first_window_below() -> None:
    """Tasks 5 to 8 have the mean 4; they belong to the states after 4 to 7 tasks."""
    row = passages(FALLING, [4.0], [12])
    assert row.status == [REACHED]
    assert row.time_to_target == pytest.approx(5.5 / N)
    assert row.time_final == pytest.approx(8 / N)
    assert row.error_final == [4]
    assert row.error_initial == [8]
    assert row.lists["Q"] == [[8]]
    assert row.lists["R"] == [[-8]]
    assert row.message == [""]


def test_the_middle_is_exact_where_the_error_is_a_straight_line() -> None:
    state = np.arange(100)
    row = passages(5.0 - state / 20, [1.0], [100], window=9)
    assert row.time_to_target == pytest.approx(80 / N)


def test_only_whole_windows_count() -> None:
    row = passages(np.array([0.0, 9, 9, 9, 9, 9]), [1.0], [6])
    assert row.status == [NOT_REACHED]


def test_a_passage_counts_up_to_the_last_task_of_a_cell() -> None:
    rows = passages(FALLING, [4.0, 4.0], [7, 8])
    np.testing.assert_array_equal(rows.status, [NOT_REACHED, REACHED])
    assert np.isnan(rows.time_to_target[0])
    np.testing.assert_array_equal(rows.time_final, [0.7, 0.8])
    np.testing.assert_array_equal(rows.error_final, [5, 4])


def test_a_run_shorter_than_a_window_averages_what_there_is() -> None:
    row = passages(np.array([4.0, 2.0]), [9.0], [2])
    assert row.status == [NOT_REACHED]
    assert row.error_initial == row.error_final == [3]


def test_a_run_that_breaks_off_leaves_diverged_cells() -> None:
    rows = passages(FALLING[:6], [8.0, 1.0, 1.0], [20, 5, 20])
    np.testing.assert_array_equal(rows.status, [REACHED, NOT_REACHED, DIVERGED])
    np.testing.assert_array_equal(rows.time_final, [0.4, 0.5, 0.6])
    assert rows.error_final[2] == 6
    assert rows.message[:2] == ["", ""]
    assert "α = 0.6" in rows.message[2]


def test_a_run_without_a_single_finite_task_stays_at_its_start() -> None:
    row = passages(np.empty(0), [1.0], [9])
    assert row.status == [DIVERGED]
    assert row.time_final == [0]
    assert row.lists["Q"] == [[1]]
    assert np.isnan(row.error_final[0])


def test_answers_do_not_depend_on_the_company_or_on_the_stretches() -> None:
    errors = np.random.default_rng(0).random(200) * np.linspace(2, 0.1, 200)
    targets = [0.2, 0.9, 0.5, 0.05, 0.9, 0.3]
    last = [200, 200, 150, 200, 3, 120]
    together = passages(errors, targets, last, length=200)
    for i, cell in enumerate(zip(targets, last, strict=True)):
        alone = passages(errors, [cell[0]], [cell[1]], length=7)
        for name in ("status", "time_to_target", "error_initial", "error_final", "time_final"):
            np.testing.assert_allclose(getattr(together, name)[i], getattr(alone, name)[0])
        np.testing.assert_array_equal(together.lists["Q"][i], alone.lists["Q"][0])
