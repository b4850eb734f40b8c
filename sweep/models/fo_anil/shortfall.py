"""How far ε is off, roughly, where the diffusion lacks terms of 1/P² (see `finite_p`).

That is for erf units with more teacher units than `coincidences` has a rule for. Relative to ε it
is at most some (K η_w σ_u)² (η_J/V) / P^(3/2). Fitted to 400 cells of up to five units that had
learned, P from 10 to 1000, with and without these terms: the 94 of them that were off by more than
1 % all have an estimate beyond that, and were off by a tenth of it to the whole, as a rule.
"""

from __future__ import annotations

import numpy as np

from sweep.models.cells import Cells
from sweep.models.fo_anil.coincidences import POINTS
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
        f"P: at P = {cell['P']:g} and η_J/V = {noise:.3g} ({units}) the error may be {much}: with "
        f"more than {len(POINTS)} teacher units the diffusion lacks terms of 1/P², as the README "
        "says of P; fo-anil-simulation has them"
    ]


def shortfall(cells: Cells) -> Floats:
    """An estimate for every cell; 0 where P or V is infinite, and where nothing is lacking."""
    if all(np.isinf(P) for P in cells.values["P"]) or all(np.isinf(V) for V in cells.values["V"]):
        return np.broadcast_to(0.0, (len(cells),))
    K, M, P, V = (cells.numbers(name) for name in ("K", "M", "P", "V"))
    eta_w, eta_J, sigma_u = (cells.numbers(name) for name in ("eta_w", "eta_J", "sigma_u"))
    erf = np.array([word == "erf" for word in cells.values["activation"]])
    lacking = erf[cells.codes["activation"]] & (len(POINTS) < M)
    with np.errstate(over="ignore", invalid="ignore"):  # what is too large for a number is far off
        scale = eta_J / V / P**1.5
        return np.where(lacking & (scale > 0), (K * eta_w * sigma_u) ** 2 * scale, 0.0)
