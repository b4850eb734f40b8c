"""From axes to cells: the product of the axes, first axis slowest, without what is excluded.

Zipped axes are one factor of the product. Conditions are evaluated on the axes they name, laid out
along their own dimensions, so that `K < M` costs as many comparisons as there are pairs (K, M).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sweep.errors import ParameterError
from sweep.grid.expression import Expression, Operand
from sweep.models.cells import Cells
from sweep.models.parameters import Parameter, Value

MOST_CELLS = 50_000_000

Axes = Mapping[str, tuple[Value, ...]]


def expand(
    parameters: Sequence[Parameter],
    fixed: Mapping[str, Value],
    axes: Axes,
    zipped: Sequence[Sequence[str]] = (),
    excludes: Sequence[Expression] = (),
) -> Cells:
    """The cells of a grid. Every parameter is in `fixed` or in `axes`, not in both.

    Raises ParameterError where there are more than MOST_CELLS, before anything is allocated.
    """
    factors = product_factors(axes, zipped)
    lengths = tuple(len(axes[factor[0]]) for factor in factors)
    if math.prod(lengths) > MOST_CELLS:
        product = " × ".join(map(str, lengths))
        raise ParameterError(
            ", ".join(axes),
            f"found {product} = {math.prod(lengths):,} cells; allowed are at most {MOST_CELLS:,}",
        )
    values = {p.name: axes[p.name] if p.name in axes else (fixed[p.name],) for p in parameters}
    shapes = {
        name: tuple(n if i == j else 1 for j, n in enumerate(lengths))
        for i, factor in enumerate(factors)
        for name in factor
    }
    named = {p.name: Operand(p, values[p.name], shapes.get(p.name, ())) for p in parameters}
    kept = np.ones(lengths, dtype=np.bool_)
    for exclude in excludes:
        kept &= ~exclude.holds(named)
    # A parameter with one value for all cells takes no memory, and zipped axes share theirs.
    constant = np.broadcast_to(np.int32(0), (int(np.count_nonzero(kept)),))
    codes = dict.fromkeys(values, constant)
    for factor in factors:
        codes.update(dict.fromkeys(factor, _positions(shapes[factor[0]], kept)))
    return Cells(values, codes)


def product_factors(axes: Axes, zipped: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The axes in groups that advance together; a group stands where its first axis stands."""
    group_of = {name: tuple(group) for group in zipped for name in group}
    return list(dict.fromkeys(group_of.get(name, (name,)) for name in axes))


def _positions(shape: tuple[int, ...], kept: NDArray[np.bool_]) -> NDArray[np.int32]:
    """For every cell that is kept, its position along the one dimension that `shape` has."""
    along = np.arange(math.prod(shape), dtype=np.int32).reshape(shape)
    return np.broadcast_to(along, kept.shape)[kept]
