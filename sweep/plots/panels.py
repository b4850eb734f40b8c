"""How the panels of a table stand on a page: one after the other, or in a matrix with names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sweep.models.seeds import ABSENT
from sweep.plots.edges import Key
from sweep.plots.labels import setting
from sweep.plots.layout import arrangement
from sweep.plots.page import PAGE, ROW_NAME, Page
from sweep.plots.request import PictureRequest
from sweep.plots.table import Table

COLUMN_NAME = 0.17  # inches above the panels


@dataclass(frozen=True)
class Arranged:
    """columns: panels to a row. blank: slots without any cell. right, head: what names take."""

    columns: int
    blank: frozenset[int]
    right: float = 0.0
    head: float = 0.0


def arranged(table: Table, most_columns: int) -> Arranged:
    """Panels without a matrix have at most so many columns."""
    if not table.columns:
        return Arranged(arrangement(len(table.facets), most_columns)[1], frozenset())
    empty = np.all(table.status == ABSENT, axis=(1, 2))
    return Arranged(
        len(table.columns),
        frozenset(np.flatnonzero(empty).tolist()),
        ROW_NAME if _named(table.rows) else 0.0,
        COLUMN_NAME if _named(table.columns) else 0.0,
    )


def most_columns(
    request: PictureRequest, sides: tuple[float, float], across: float, narrowest: float
) -> int:
    """How many panels that are not too narrow a page has side by side."""
    room = (request.width or PAGE) - sum(sides) + across
    return max(1, int(room / (narrowest + across)))


def name_matrix(
    page: Page, table: Table, request: PictureRequest, above: float, beside: float = 0.0
) -> None:
    """Name the rows and the columns, so many inches beside the last and above the first panels."""
    if request.rows is not None:
        page.name_rows([setting(request.rows, k, request) for k in table.rows], beside)
    if request.columns_of is not None:
        names = [setting(request.columns_of, k, request) for k in table.columns]
        page.name_columns(names, above)


def _named(keys: tuple[Key, ...]) -> bool:
    return keys != ("",)
