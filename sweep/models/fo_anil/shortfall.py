"""How far ε is off, roughly, for want of the terms of 1/P² in the diffusion (see `finite_p`).

Relative to ε it is at most some (K η_w σ_u)² (η_J/V) / P^(3/2) for erf units, and 30 M η_w σ_u²
(η_J/V) / P for linear ones, which do not saturate. Fitted to 640 cells of up to five units that had
learned, P from 10 to 1000, against the same equations with these terms: the 174 of them that were
off by more than 1 % all have an estimate beyond that, and were off by a tenth of it to the whole,
as a rule; the most that any other was off by is 0.7 %.
"""

from __future__ import annotations

import numpy as np

from sweep.models.cells import Cells
from sweep.ode.arrays import Floats

TOLERABLE = 0.01
"""Up to this nothing is said."""


def warnings(cells: Cells) -> list[str]:
    """One line, of the worst cell, if ε may be off by more than is tolerable."""
    off = shortfall(cells)
    i = int(off.argmax())
    if off[i] <= TOLERABLE:
        return []
    cell = cells.cell(i)
    much = f"off by up to some {100 * off[i]:.0f} %" if off[i] < 1 else "far off"
    noise = cells.numbers("eta_J")[i] / cells.numbers("V")[i]
    units = ", ".join(f"{name} = {cell[name]:g}" for name in ("K", "M", "eta_w"))
    return [
        f"P: at P = {cell['P']:g} and η_J/V = {noise:.3g} ({units}) the error may be "
        f"{much}: the diffusion lacks terms of 1/P², as the README says of P; fo-anil-simulation "
        "has them"
    ]


def shortfall(cells: Cells) -> Floats:
    """An estimate for every cell; 0 where P or V is infinite."""
    K, M, P, V = (cells.numbers(name) for name in ("K", "M", "P", "V"))
    eta_w, eta_J, sigma_u = (cells.numbers(name) for name in ("eta_w", "eta_J", "sigma_u"))
    linear = np.array([word == "linear" for word in cells.values["activation"]])
    relative = np.where(
        linear[cells.codes["activation"]],
        30 * M * eta_w / P,
        (K * eta_w) ** 2 / P**1.5,
    )
    return np.asarray(relative * sigma_u**2 * eta_J / V)
