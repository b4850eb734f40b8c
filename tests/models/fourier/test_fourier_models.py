"""The two models of the sweep: what is known of their runs, and the answers to cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.errors import ParameterError
from sweep.models import load
from sweep.models.base import Answers, Trajectory
from sweep.models.fourier.evaluation import unseen_tasks
from sweep.models.fourier.maml import MODEL as MAML
from sweep.models.fourier.model import FourierModel
from sweep.models.fourier.reptile import MODEL as REPTILE
from sweep.models.parameters import Value
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED
from tests.models.fourier.cells_fourier import SMALL, cell, solve

BOTH = pytest.mark.parametrize("model", [MAML, REPTILE], ids=lambda model: model.name)
FRESH_SEEDS = range(40, 46)


class TestMeasured:
    """Runs at D = 501, for seeds that nothing was tuned to."""

    @pytest.mark.parametrize(
        ("model", "init", "fewest", "most"),
        [
            (MAML, "ones", 30, 130),
            (MAML, "uniform", 3, 20),
            (REPTILE, "ones", 140, 260),
            (REPTILE, "uniform", 60, 140),
        ],
    )
    def test_time_to_target(self, model: FourierModel, init: str, fewest: int, most: int) -> None:
        for seed in FRESH_SEEDS:
            answers = solve(model, init=init, seed=seed)
            assert answers.status.tolist() == [REACHED]
            assert fewest <= answers.time_to_target[0] <= most
            largest = np.argsort(-np.abs(answers.lists["weights"][0]))[:3]
            assert sorted(largest) == [0, 1, 2]

    def test_reptile_from_ones_needs_a_random_start_of_the_coefficients(self) -> None:
        answers = solve(REPTILE, c0_scale=0.0, max_steps=400, seed=40)
        assert answers.status.tolist() == [NOT_REACHED]
        assert answers.error_final[0] > 0.1

    def test_too_large_an_inner_rate_diverges(self) -> None:
        for seed in FRESH_SEEDS:
            answers = solve(MAML, inner_rate=0.3, seed=seed)
            assert answers.status.tolist() == [DIVERGED]
            assert "outer step" in answers.message[0]

    def test_long_training(self) -> None:
        answers = solve(MAML, target_error=0.0, max_steps=1000, seed=40)
        weights = answers.lists["weights"][0]
        assert 0.0005 < answers.error_final[0] < 0.004
        few = unseen_tasks(40, D=501, pool=1024, n_shot=8)
        assert few.error(weights) < 0.3


class TestAnswers:
    @BOTH
    def test_reached(self, model: FourierModel) -> None:
        answers = solve(model, **SMALL, init="uniform", target_error=0.5)
        assert answers.status.tolist() == [REACHED]
        assert answers.time_to_target == answers.time_final
        assert answers.error_final[0] <= 0.5 < answers.error_initial[0]
        evaluation = unseen_tasks(0, D=33, pool=64, n_shot=16)
        assert answers.error_final[0] == evaluation.error(answers.lists["weights"][0])

    @BOTH
    def test_reached_before_the_first_step(self, model: FourierModel) -> None:
        answers = solve(model, **SMALL, target_error=2.0)
        assert answers.time_to_target.tolist() == [0]
        assert answers.rhs_evaluations == 0
        assert np.array_equal(answers.lists["weights"][0], np.ones(33))

    @BOTH
    def test_not_reached(self, model: FourierModel) -> None:
        answers = solve(model, **SMALL, target_error=1e-9, max_steps=7)
        assert answers.status.tolist() == [NOT_REACHED]
        assert np.isnan(answers.time_to_target[0])
        assert answers.time_final.tolist() == [7]
        assert answers.rhs_evaluations == 7 * {"fourier-maml": 30, "fourier-reptile": 5}[model.name]

    @BOTH
    def test_diverged(self, model: FourierModel) -> None:
        answers = solve(model, **SMALL, inner_rate=5.0)
        assert answers.status.tolist() == [DIVERGED]
        assert np.isnan(answers.error_final[0])
        assert np.isfinite(answers.error_initial[0])
        assert answers.time_final[0] >= 1
        assert not np.abs(answers.lists["weights"][0]).max() <= 1e6
        assert answers.message[0].startswith("a weight ")

    @BOTH
    def test_do_not_depend_on_who_shares_the_run(self, model: FourierModel) -> None:
        setting: dict[str, Value] = {**SMALL, "init": "uniform", "seed": 2}
        errors = [
            state.error
            for state, _ in zip(model.states(cell(model, **setting)), range(40), strict=False)
        ]
        first = int(np.argmin(errors))
        questions: list[dict[str, Value]] = [
            {"target_error": errors[first], "max_steps": first},
            {"target_error": errors[first], "max_steps": first - 1},
            {"target_error": errors[first], "max_steps": 39},
            {"target_error": 2.0, "max_steps": 5},
            {"target_error": 0.4, "max_steps": 39},
            {"target_error": 0.0, "max_steps": 1},
            {"target_error": 0.0, "max_steps": 39},
        ]
        together = solve(model, questions, **setting)
        assert set(together.status) == {REACHED, NOT_REACHED}
        assert together.time_to_target[0] == first
        for i, question in enumerate(questions):
            assert same(together, i, solve(model, [question], **setting))

    def test_of_a_diverging_run_do_not_depend_on_who_shares_it(self) -> None:
        setting: dict[str, Value] = {**SMALL, "inner_rate": 5.0}
        end = int(solve(MAML, **setting).time_final[0])
        questions: list[dict[str, Value]] = [{"max_steps": 300}, {"max_steps": end}]
        if end > 1:
            questions.append({"max_steps": end - 1})
        questions.append({"max_steps": 300, "target_error": 2.0})
        together = solve(MAML, questions, **setting)
        assert together.status[:2].tolist() == [DIVERGED, DIVERGED]
        assert together.status[-1] == REACHED
        assert together.message[-1] == ""
        for i, question in enumerate(questions):
            assert same(together, i, solve(MAML, [question], **setting))

    def test_reptile_has_no_use_for_validation_points(self) -> None:
        questions: list[dict[str, Value]] = [{"n_val": 16}, {"n_val": 1}]
        together = solve(REPTILE, questions, **SMALL, max_steps=5)
        assert same(together, 1, solve(REPTILE, **SMALL | {"n_val": 1}, max_steps=5))
        assert np.array_equal(*together.lists["weights"])

    def test_first_order_is_another_run(self) -> None:
        first = solve(MAML, **SMALL, max_steps=3, order=1)
        assert not np.array_equal(
            first.lists["weights"], solve(MAML, **SMALL, max_steps=3).lists["weights"]
        )

    @BOTH
    def test_a_cell_with_fewer_features_than_points_runs(self, model: FourierModel) -> None:
        answers = solve(model, **SMALL | {"D": 9}, max_steps=5)
        assert answers.status.tolist() == [REACHED]
        assert answers.error_final[0] < 1e-20

    @BOTH
    @settings(max_examples=15, deadline=None)
    @given(seed=st.integers(0, 2**53), init=st.sampled_from(["ones", "uniform"]))
    def test_are_a_function_of_the_parameters(
        self, model: FourierModel, seed: int, init: str
    ) -> None:
        setting: dict[str, Value] = {**SMALL, "seed": seed, "init": init, "max_steps": 3}
        assert same(solve(model, **setting), 0, solve(model, **setting))


class TestDeclaration:
    @pytest.mark.parametrize("model", [MAML, REPTILE])
    def test_is_in_the_table(self, model: FourierModel) -> None:
        assert load(model.name) is model

    def test_names(self) -> None:
        common = {
            *("D", "n_train", "n_val", "n_shot", "pool", "tasks", "inner_rate", "outer_rate"),
            *("inner_steps", "init", "seed", "target_error", "max_steps"),
        }
        assert {parameter.name for parameter in MAML.parameters} == common | {"order"}
        assert {parameter.name for parameter in REPTILE.parameters} == common | {"c0_scale"}

    @BOTH
    def test_defaults_are_allowed(self, model: FourierModel) -> None:
        check(model, cell(model))
        for parameter in model.parameters:
            assert parameter.coerce(parameter.default) == parameter.default

    @BOTH
    @pytest.mark.parametrize(
        ("changes", "name", "words"),
        [
            ({"D": 500}, "D", "500; allowed is an odd number"),
            ({"D": 2}, "D", "≥ 3"),
            ({"D": 33, "pool": 33, "n_train": 8, "n_val": 8, "n_shot": 8}, "D", "pool - 1 = 32"),
            ({"n_train": 1000}, "n_train", r"1000 \+ 64; allowed is ≤ pool = 1024"),
            ({"n_shot": 1025}, "n_shot", "1025; allowed is ≤ pool = 1024"),
            ({"inner_steps": 0}, "inner_steps", "≥ 1"),
            ({"inner_rate": 0}, "inner_rate", "> 0"),
            ({"init": "zeros"}, "init", "ones, uniform"),
            ({"tasks": 1.5}, "tasks", "an integer"),
        ],
    )
    def test_refused(
        self, model: FourierModel, changes: dict[str, Value], name: str, words: str
    ) -> None:
        with pytest.raises(ParameterError, match=words) as caught:
            check(model, cell(model, **changes))
        assert caught.value.name == name
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("order", [0, 3])
    def test_order_is_one_or_two(self, order: int) -> None:
        with pytest.raises(ParameterError, match="order"):
            check(MAML, cell(MAML, order=order))

    @BOTH
    def test_cost_grows_with_the_work(self, model: FourierModel) -> None:
        def cost(**changes: Value) -> float:
            shared = cell(model, **changes)
            varying = {n: np.array([float(shared[n])]) for n in model.answered_together}  # type: ignore[arg-type]
            return model.cost(Trajectory(np.arange(1), shared, varying), {})

        assert 0 < cost(D=129) < cost() < cost(max_steps=3000)
        assert cost() < cost(tasks=15) < cost(tasks=15, inner_steps=15)

    @BOTH
    def test_warm_up(self, model: FourierModel) -> None:
        model.warm_up(model.alone({p.name: p.default for p in model.parameters}))


def check(model: FourierModel, values: dict[str, Value]) -> None:
    """What a grid file's values go through."""
    kept = {
        parameter.name: parameter.coerce(values[parameter.name]) for parameter in model.parameters
    }
    for constraint in model.constraints:
        constraint.check({name: kept[name] for name in constraint.names})


def same(together: Answers, i: int, alone: Answers) -> bool:
    """Whether cell i of a run has, to the last bit, the answer that it has alone."""
    columns = ("status", "time_to_target", "error_initial", "error_final", "time_final")
    return (
        all(
            np.array_equal(getattr(together, name)[i], getattr(alone, name)[0], equal_nan=True)
            for name in columns
        )
        and np.array_equal(together.lists["weights"][i], alone.lists["weights"][0], equal_nan=True)
        and together.message[i] == alone.message[0]
    )
