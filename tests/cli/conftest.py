"""What the tests of several commands have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep import models
from tests.faults import model


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which commands are given, with the model `faulty` among others."""
    monkeypatch.setitem(models.MODELS, "faulty", model.__name__)
    monkeypatch.chdir(tmp_path)
    return Path()
