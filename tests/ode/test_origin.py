"""What a kernel is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.ode import origin

TREE = {
    "pack/__init__.py": "",
    "pack/ode/__init__.py": "",
    "pack/ode/vectors.py": "import math\n",
    "pack/models/__init__.py": "",
    "pack/models/one/erf.py": "from pack.ode import (\n    vectors,\n)\n",
    "pack/models/two/maml.py": "def late():\n    from pack.ode.vectors import copy\n",
    "own/model.py": "import numpy\nimport helper\nfrom pack.models.one.erf import slope\n",
    "own/helper.py": "from . import further\n",
    "own/further.py": "",
    "own/other.py": "",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(origin, "PACKAGE", tmp_path / "pack")
    return tmp_path


def digest(file: Path) -> str:
    """As a process that has just begun finds it."""
    origin.digest.cache_clear()
    origin._imported.cache_clear()
    return origin.digest(file)


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("pack/models/one/erf.py", {"pack/models/one/erf.py", "pack/ode/vectors.py"}),
        ("pack/models/two/maml.py", {"pack/models/two/maml.py", "pack/ode/vectors.py"}),
        (
            "own/model.py",
            {"own/model.py", "own/helper.py", "own/further.py", "pack/models/one/erf.py"}
            | {"pack/ode/vectors.py"},
        ),
    ],
)
def test_a_kernel_depends_on_what_its_file_imports(
    tree: Path, file: str, changes: set[str]
) -> None:
    before = digest(tree / file)
    found = set()
    for name, text in TREE.items():
        (tree / name).write_text(text + "x = 1\n")
        if digest(tree / file) != before:
            found.add(name)
        (tree / name).write_text(text)
    assert digest(tree / file) == before
    assert found - {"pack/ode/__init__.py"} == changes
