"""What arrays hold, by the names that all rooms use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int64]
"""Positions in another array, or counts."""
Truths = NDArray[np.bool_]
