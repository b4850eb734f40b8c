"""The activations by name: a new one is a file beside `erf`, and a line here."""

from __future__ import annotations

import math

from sweep.models.fo_anil.erf import ERF_UNITS
from sweep.models.fo_anil.kind import Activation, Kind
from sweep.models.fo_anil.linear import LINEAR_UNITS
from sweep.models.fo_anil.relu import RELU_UNITS

ACTIVATIONS: dict[str, Activation] = {
    "erf": ERF_UNITS,
    "linear": LINEAR_UNITS,
    "relu": RELU_UNITS,
}


def kind_of(activation: str, P: float) -> Kind:
    """Which equations a problem has; for what `unsupported` says nothing of."""
    found = ACTIVATIONS[activation]
    return found.infinite if math.isinf(P) or found.finite is None else found.finite


def unsupported(activation: str, P: float, V: float) -> str:
    """The first of "P" and "V" that must not be finite with this activation, or ""."""
    found = ACTIVATIONS[activation]
    if math.isfinite(P) and found.finite is None:
        return "P"
    return "V" if math.isfinite(V) and not found.noisy else ""
