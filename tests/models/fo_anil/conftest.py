"""What the tests of the equations need compiled, before a test calls a kernel on its own."""

import pytest

from sweep.models.fo_anil.model import MODEL


@pytest.fixture(autouse=True, scope="session")
def compiled() -> None:
    MODEL.warm_up(MODEL.alone({p.name: p.default for p in MODEL.parameters}))
