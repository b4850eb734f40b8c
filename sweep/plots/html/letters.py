"""What a picture sets as mathematics, in plain letters."""

from __future__ import annotations

import re

from sweep.plots.labels import as_math

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε", "epsilon": "ε",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω",
}  # fmt: skip
TILDE = "\N{COMBINING TILDE}"

_SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


def plain(text: str) -> str:
    """Mathtext such as "$3\\times10^{-5}$" as plain letters."""
    text = text.replace(r"\times", "·").replace("$", "")
    return re.sub(r"\^\{([^}]*)\}", lambda found: found[1].translate(_SUPERSCRIPTS), text)


def symbol(text: str) -> str:
    """A symbol in plain letters: its Greek ones as such, without the marks of LaTeX."""
    return _letters(as_math(text)).replace("_", " ").strip()


def label(text: str) -> str:
    """A label of a picture: what stands between its dollars in plain letters, the rest as it is."""
    parts = re.split(r"(?<!\\)\$", text)
    return "".join(
        _letters(part) if i % 2 else part.replace(r"\$", "$") for i, part in enumerate(parts)
    )


def _letters(mathematics: str) -> str:
    text = plain(mathematics)
    for name, letter in GREEK.items():
        text = text.replace(f"\\{name}", letter)
    text = re.sub(r"\\tilde\{(.)\}", rf"\1{TILDE}", text)
    return text.replace("\\", "").replace("{", "").replace("}", "")
