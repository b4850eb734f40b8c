"""The fake model, known to `sweep.models` by the name "fake" while these tests run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sweep import models
from tests.grid import fake


@pytest.fixture(scope="package", autouse=True)
def _fake_model() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(models.MODELS, "fake", fake.__name__)
        yield
