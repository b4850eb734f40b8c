"""From the file of a model of one's own to the model: the file is run once in a process.

A worker on another machine need not have the file: its text travels with the model.
"""

from __future__ import annotations

import linecache
import sys
import threading
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from sweep.models.own.base import OwnModel
from sweep.models.own.source import ModelError, Source, told

_running = threading.RLock()
_models: dict[tuple[str, str], OwnModel] = {}


def model_of(source: Source) -> OwnModel:
    """The MODEL of a file; the file is run when it is first asked for. Raises ModelError."""
    with _running:
        key = source.path, source.digest
        if key not in _models:
            _models[key] = _adopted(_run(source), source)
        return _models[key]


def _run(source: Source) -> Any:
    """What the file calls MODEL."""
    name = Path(source.path).stem
    module = ModuleType(f"sweep_model_{name}_{source.digest}")
    module.__file__ = source.path
    # Tracebacks, and numba, show lines of the file, which a worker elsewhere may not have.
    lines = source.text.splitlines(keepends=True)
    linecache.cache[source.path] = len(source.text), None, lines, source.path
    sys.modules[module.__name__] = module  # where dataclasses look for their module
    try:
        with redirect_stdout(sys.stderr):  # stdout carries data
            exec(compile(source.text, source.path, "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        raise ModelError(*told(error, source.path)) from None
    if not hasattr(module, "MODEL"):
        raise ModelError(source.path, "has no MODEL; end the file with MODEL = Ode(...)")
    return module.MODEL


def _adopted(found: Any, source: Source) -> OwnModel:
    if not isinstance(found, OwnModel):
        raise ModelError(
            source.path,
            f"MODEL is a {type(found).__name__}; allowed is an Ode(...) or a Process(...)",
        )
    found.come_from(source, (model_of, (source,)))
    return found
