"""States written as one unit's overlaps and what those of the others differ by.

Where student units acquire the same overlaps, of order one, it is their differences that decide
which of them learns what, however small. A vector of overlaps has no digits left for them; here
each has all of its own. In the place of each entry of the usual state (see `state`) stands

    Q_11 - Q_12 for Q_11 (Q_11 itself for K = 1),  Q_12,  Q_kk - Q_11,  Q_kl - Q_12,
    R_1n,  R_kn - R_1n.
"""

from __future__ import annotations

import numpy as np

from sweep.ode.arrays import Floats, Index


def differences(states: Floats, K: int, M: int) -> Floats:
    """Usual states (… × n) of K student and M teacher units in differences."""
    own, other, R = _parts(K, M)
    y = np.array(states, dtype=np.float64)
    y[..., own[1:]] -= states[..., own[:1]]
    if K > 1:
        y[..., 0] -= states[..., 1]
        y[..., other[1:]] -= states[..., other[:1]]
    y[..., R[1:]] -= states[..., R[:1]]
    return y


def from_differences(y: Floats, K: int, M: int) -> Floats:
    """The inverse of `differences`, for states and for their slopes."""
    own, other, R = _parts(K, M)
    states = np.array(y, dtype=np.float64)
    if K > 1:
        states[..., 0] += y[..., 1]
        states[..., other[1:]] += y[..., other[:1]]
    states[..., own[1:]] += states[..., own[:1]]
    states[..., R[1:]] += y[..., R[:1]]
    return states


def _parts(K: int, M: int) -> tuple[Index, Index, Index]:
    """Where Q_kk (K), Q_kl with k < l and R (K × M) stand in a state."""
    rows, columns = np.triu_indices(K)
    pairs = np.arange(len(rows))
    R = len(rows) + np.arange(K * M).reshape(K, M)
    return pairs[rows == columns], pairs[rows != columns], R
