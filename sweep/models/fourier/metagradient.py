"""The gradient of MAML's outer loss with respect to the feature weights w, by hand.

A task is learned from n training points by S full-batch steps from c = 0 on the inner loss
L = (1/n)‖ΦWc - y‖², W = diag(w):

    r_s = ΦWc_s - y,    c_{s+1} = c_s - e WΦᵀr_s,    e = 2α/n.

The outer loss is that of c_S on m validation points, averaged over tasks. With
q = (2/m) Φ_vᵀ(Φ_v W c_S - y_v), its gradient starts from g = c_S ∘ q, which alone is first-order
MAML, and λ = w ∘ q, and goes back through s = S-1 .. 0:

    h = ΦᵀΦ(w ∘ λ),    g -= e[λ ∘ (Φᵀr_s) + c_s ∘ h],    λ -= e w ∘ h.

`_primal` does just that, at a cost of n D a product. `_dual` never forms c_s = WΦᵀa_s: with the
kernels K = ΦW²Φᵀ and K_v = Φ_v W²Φᵀ it needs, in n dimensions, a_{s+1} = a_s - e(K a_s - y), and
back from μ_S = K_vᵀρ, ρ = (2/m)(K_v a_S - y_v), μ_s = μ_{s+1} - e K μ_{s+1}. Then

    g_j = w_j [2 φ_v,jᵀ (ρ a_Sᵀ) φ_j - 2e φ_jᵀ (Σ_s μ_{s+1} a_sᵀ) φ_j],

of which half the first term is first-order MAML. On the pool the kernels, and the quadratic forms
of all features, come from Fourier transforms, so that D hardly matters. The dual is faster unless
D is small against n.

Arrays: labels have shape (tasks, n), those of the validation points (tasks, m).
"""

from __future__ import annotations

import numpy as np

from sweep.models.fourier.features import Points, features, kernel_gradient, kernel_tables
from sweep.models.fourier.tasks import TRUE_FEATURES, Batch
from sweep.models.fourier.vectors import add_scaled, dot, loss_slope
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel


def meta_gradient(
    weights: Floats, batch: Batch, *, pool: int, inner_rate: float, inner_steps: int, order: int
) -> Floats:
    """Gradient of the mean outer loss over the batch's tasks, shape (D,).

    order: 2 for the full derivative through the inner steps, 1 without it.
    """
    form = dual if len(weights) > len(batch.train) else primal
    return form(
        weights,
        batch,
        pool=pool,
        inner_rate=inner_rate,
        inner_steps=inner_steps,
        order=order,
    )


def primal(
    weights: Floats, batch: Batch, *, pool: int, inner_rate: float, inner_steps: int, order: int
) -> Floats:
    """The meta-gradient, computed in the space of the features."""
    D = len(weights)
    train = features(batch.train, D, pool)
    validation = features(batch.validation, D, pool)
    total = _primal(
        weights,
        train,
        batch.coefficients @ train[:, :TRUE_FEATURES].T,
        validation,
        batch.coefficients @ validation[:, :TRUE_FEATURES].T,
        inner_rate,
        inner_steps,
        order,
    )
    return total / len(batch.coefficients)


def dual(
    weights: Floats, batch: Batch, *, pool: int, inner_rate: float, inner_steps: int, order: int
) -> Floats:
    """The meta-gradient, computed in the space of the points."""
    train = features(batch.train, TRUE_FEATURES, pool)
    validation = features(batch.validation, TRUE_FEATURES, pool)
    tables = _dual(
        kernel_tables(weights**2, pool),
        batch.train,
        batch.coefficients @ train.T,
        batch.validation,
        batch.coefficients @ validation.T,
        inner_rate,
        inner_steps,
        order,
    )
    return weights * kernel_gradient(tables, len(weights)) / len(batch.coefficients)


@fast_kernel
def _primal(
    w: Floats,
    train: Floats,
    y: Floats,
    validation: Floats,
    y_validation: Floats,
    inner_rate: float,
    inner_steps: int,
    order: int,
) -> Floats:
    """The meta-gradient summed over tasks, with Φ at the points given, shapes (n, D), (m, D)."""
    D = w.size
    n, m = y.shape[1], y_validation.shape[1]
    e = 2 * inner_rate / n
    c = np.zeros((inner_steps + 1, D))
    slope = np.zeros((inner_steps, D))  # Φᵀr_s
    g = np.zeros(D)
    for t in range(y.shape[0]):
        for s in range(inner_steps):
            slope[s] = loss_slope(train, w * c[s], y[t])
            c[s + 1] = c[s] - e * w * slope[s]
        q = loss_slope(validation, w * c[inner_steps], y_validation[t]) * (2 / m)
        g += c[inner_steps] * q
        if order == 2:
            adjoint = w * q
            for s in range(inner_steps - 1, -1, -1):
                h = loss_slope(train, w * adjoint, np.zeros(n))
                g -= e * (adjoint * slope[s] + c[s] * h)
                adjoint -= e * w * h
    return g


@fast_kernel
def _dual(
    tables: Floats,
    train: Points,
    y: Floats,
    validation: Points,
    y_validation: Floats,
    inner_rate: float,
    inner_steps: int,
    order: int,
) -> Floats:
    """Tables G of the meta-gradient summed over tasks: g_j = w_j · `kernel_gradient`(G)_j."""
    n, m = y.shape[1], y_validation.shape[1]
    e = 2 * inner_rate / n
    K = _pairs(tables, train, train)
    K_validation = _pairs(tables, validation, train)
    G = np.zeros((n, n))
    G_validation = np.zeros((m, n))
    a = np.zeros((inner_steps + 1, n))
    for t in range(y.shape[0]):
        for s in range(inner_steps):
            for i in range(n):
                a[s + 1, i] = a[s, i] - e * (dot(K[i], a[s]) - y[t, i])
        mu = np.zeros(n)
        for i in range(m):
            rho = (2 / m) * (dot(K_validation[i], a[inner_steps]) - y_validation[t, i])
            add_scaled(G_validation[i], rho * order, a[inner_steps])
            add_scaled(mu, rho, K_validation[i])
        if order == 2:
            for s in range(inner_steps - 1, 0, -1):  # a_0 = 0 adds nothing
                for i in range(n):
                    add_scaled(G[i], -2 * e * mu[i], a[s])
                change = np.zeros(n)
                for i in range(n):
                    add_scaled(change, -e * mu[i], K[i])
                mu += change
    sums = np.zeros(tables.shape)
    _add_pairs(sums, G, train, train)
    _add_pairs(sums, G_validation, validation, train)
    return sums


@fast_kernel
def _pairs(tables: Floats, left: Points, right: Points) -> Floats:
    """The kernel between points, from its tables: shape (left, right)."""
    pool = tables.shape[1]
    result = np.empty((left.size, right.size))
    for i in range(left.size):
        for j in range(right.size):
            minus = left[i] - right[j]
            plus = left[i] + right[j] - pool
            result[i, j] = tables[0, minus] + tables[1, plus]  # below 0, numba counts from the end
    return result


@fast_kernel
def _add_pairs(sums: Floats, G: Floats, left: Points, right: Points) -> None:
    """Add G, one number a pair of points, to the tables of `kernel_gradient`."""
    pool = sums.shape[1]
    for i in range(left.size):
        for j in range(right.size):
            sums[0, left[i] - right[j]] += G[i, j]
            sums[1, left[i] + right[j] - pool] += G[i, j]
