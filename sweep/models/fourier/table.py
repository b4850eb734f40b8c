"""One run in detail as a table, for .csv and .parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sweep.models.fourier.detail import Trace
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.ode.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd


def trace_table(run: Trace) -> pd.DataFrame:
    """A row for every step whose weights are recorded: `step` and the series of `trace_series`."""
    import pandas as pd

    return pd.DataFrame({"step": run.weight_steps, **trace_series(run)})


def trace_series(run: Trace) -> dict[str, Floats]:
    """What a run is told by, at its `weight_steps`.

    error (the test error E); weight_0, weight_1, … of the true features; of all others the root
    mean square (false_rms) and the largest size (false_max), 0 where there are none. The error of
    a step that diverged is NaN.
    """
    false = np.abs(run.weights[:, TRUE_FEATURES:])
    # A weight that is about to overflow may have no finite square.
    with np.errstate(over="ignore", invalid="ignore"):
        rms = np.sqrt((false**2).sum(axis=1) / max(false.shape[1], 1))
    return {
        "error": run.errors[run.weight_steps],
        **{f"weight_{j}": run.weights[:, j] for j in range(TRUE_FEATURES)},
        "false_rms": rms,
        "false_max": false.max(axis=1, initial=0.0),
    }
