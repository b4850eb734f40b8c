"""The command `sweep`, with the model of these tests, in a process that faults are done to.

What is to be different is named in environment variables, which worker processes inherit.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sweep import models  # noqa: E402

models.MODELS["faulty"] = "tests.faults.model"

if __name__ == "__main__":
    from sweep.cli import main

    main()
