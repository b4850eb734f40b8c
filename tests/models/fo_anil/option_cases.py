"""Cases of every option: finite P, and the activations beside erf."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sweep.models.fo_anil.activations import kind_of
from sweep.models.fo_anil.kind import Kind, space_of
from sweep.models.fo_anil.state import Memory, Problem
from tests import oracle
from tests.models.fo_anil.cases import Case
from tests.oracle import INF, Floats


@dataclass(frozen=True)
class OptionCase(Case):
    """A case with P training samples and units of any activation."""

    P: float = INF
    activation: str = "erf"

    @property
    def kind(self) -> Kind:
        return kind_of(self.activation, self.P)

    @property
    def problem(self) -> Problem:
        return super().problem._replace(P=float(self.P))

    @property
    def memory(self) -> Memory:
        return space_of(self.kind, self.problem, self.T, self.sigma_B)

    def slope(self, y: Floats) -> Floats:
        written = self.kind.encode(y, self.K, self.M)
        dy = np.empty_like(written)
        self.kind.equations.slope(written, dy, self.problem, self.memory)
        return self.kind.decode(dy, self.K, self.M)

    def error(self, y: Floats | None = None) -> float:
        y = self.kind.encode(self.y if y is None else y, self.K, self.M)
        return self.kind.equations.observable(y, self.problem, self.memory)

    def diffusion(self) -> Floats:
        """N_kl, by what finite V adds to the derivative of Q."""
        noisy, _ = replace(self, V=1.0, eta_J=1.0).derivative()
        quiet, _ = replace(self, V=INF, eta_J=1.0).derivative()
        return noisy - quiet

    def expected_derivative(self) -> tuple[Floats, Floats]:
        return oracle.derivative(
            self.Q, self.R, self.T, self.eta_w, self.eta_J, self.P, self.V, self.inner_steps,
            self.sigma_u, self.sigma_y, self.sigma_B, self.weight_decay, self.activation,
        )  # fmt: skip

    def expected_error(self) -> float:
        return oracle.error(
            self.Q, self.R, self.T, self.eta_w, self.P, self.inner_steps, self.sigma_u,
            self.sigma_y, self.sigma_B, self.activation,
        )  # fmt: skip


def option(case: Case, **options: Any) -> OptionCase:
    """A case with further options."""
    return OptionCase(**{**vars(case), **options})


def agree(case: OptionCase, rtol: float = 1e-10) -> None:
    """Assert that derivatives and error of the compiled equations are the oracle's."""
    for found, expected in zip(case.derivative(), case.expected_derivative(), strict=True):
        size = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * size)
    np.testing.assert_allclose(case.error(), case.expected_error(), rtol=rtol)


NOISES = {"sigma_u": 0.8, "sigma_y": 0.6, "sigma_B": 0.4, "weight_decay": 0.05}
