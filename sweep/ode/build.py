"""How a kernel is built: compiled, written out, and loaded into an engine of its own.

The code that runs is always what was loaded, from the cache on disk or straight from memory, and
calls nothing by name that another kernel could have brought along. numba would run a kernel as it
was compiled, whose calls lead to the functions that were compiled before it; once loaded from a
cache they lead to copies that were optimized for their caller, or for whichever kernel was loaded
first. All of these round differently.
"""

from __future__ import annotations

import hashlib
import pickle
import platform
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.caching import CompileResultCacheImpl
from numba.core.codegen import JITCPUCodegen
from numba.core.compiler import Flags, compile_extra
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher, cpu_target
from numba.core.serialize import dumps
from numba.core.sigutils import normalize_signature

from sweep.ode import cache, news, origin

Types = tuple[Any, ...]
"""Of the arguments of a kernel."""


class _Built(CPUDispatcher):
    """A function and what was built of it, for the types of arguments that it was needed for."""

    def __init__(self, py_func: Any, locals: Any, targetoptions: Any) -> None:
        super().__init__(py_func, locals, targetoptions)
        self._open = True

    def compile(self, sig: Any) -> Any:
        """Build for a signature, or find what was built; returns the entry from Python."""
        types, _ = normalize_signature(sig)
        with global_compiler_lock:
            if types not in self.overloads and self._open:
                built = self._built(types)
                cpu_target.target_context.insert_user_function(
                    built.entry_point, built.fndesc, [built.library]
                )
                self.add_overload(built)
            if types not in self.overloads:
                raise RuntimeError(f"{self.py_func.__qualname__}: not to be compiled any more")
            found: Any = self.overloads[types]
            return found.entry_point

    def disable_compile(self, val: bool = True) -> None:
        """Whether the kernel takes arguments of the types that it was compiled for only."""
        super().disable_compile(val)
        self._open = not val

    def _built(self, types: Types) -> Any:
        name, key = self.py_func.__qualname__, _key(self.py_func, self.targetoptions, types)
        payload = cache.load(name, key) if key else None
        if payload is not None:
            with suppress(Exception):  # what is whole and still not to be loaded is made anew
                return _loaded(payload)
        with news.compiling(name):
            compiled = _compiled(self.py_func, self.targetoptions, types)
        form: Any = _Form()
        payload = dumps(form.reduce(compiled))
        if key and not compiled.library.has_dynamic_globals:  # addresses of this very process
            cache.save(name, key, payload)
        return _loaded(payload)


class Kernel(_Built):
    """A function that is compiled for the types of its arguments as it is called with them.

    For callers within kernels there is another build, without the entries from Python and C, which
    take longer to compile than a small function itself.
    """

    def __init__(self, py_func: Any, locals: Any, targetoptions: Any) -> None:
        super().__init__(py_func, locals, targetoptions)
        alone = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        self._inner = _Built(py_func, locals, {**targetoptions, **alone})

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """For numba: how a call from within another kernel is typed."""
        return self._inner.get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        """For numba: what a call from within another kernel leads to."""
        return self._inner.get_overload(sig)


class _Form(CompileResultCacheImpl):
    """What numba writes out of a compiled function, without the files where it would keep it."""

    def __init__(self) -> None:
        pass


class _Target:
    """numba's target, with an engine of its own."""

    def __init__(self) -> None:
        self._codegen = JITCPUCodegen("kernel")

    def codegen(self) -> JITCPUCodegen:
        return self._codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(cpu_target.target_context, name)


def _loaded(payload: bytes) -> Any:
    cpu_target.target_context.refresh()
    form: Any = _Form()
    return form.rebuild(_Target(), pickle.loads(payload))


def _compiled(function: Any, options: Mapping[str, Any], types: Types) -> Any:
    flags = Flags()
    cpu_target.options.parse_as_flags(flags, options)
    disabled = config.DISABLE_JIT  # type: ignore[attr-defined]
    config.DISABLE_JIT = 0  # type: ignore[attr-defined]
    try:
        return compile_extra(
            cpu_target.typing_context, cpu_target.target_context, function, types, None, flags, {}
        )
    finally:
        config.DISABLE_JIT = disabled  # type: ignore[attr-defined]


def _key(function: Any, options: Mapping[str, Any], types: Types) -> str:
    """Everything that the build depends on; empty where that cannot be said in another process."""
    file = Path(function.__code__.co_filename)
    described = [_described(kind) for kind in types]
    cells = [_value(cell.cell_contents) for cell in function.__closure__ or ()]
    if not file.is_file() or None in described or None in cells:
        return ""
    lines = (
        f"{function.__module__}.{function.__qualname__}:{function.__code__.co_firstlineno}",
        origin.digest(file),
        hashlib.blake2b(function.__code__.co_code, digest_size=16).hexdigest(),
        *map(str, cells),
        *(f"{name}={_ordered(options[name])}" for name in sorted(options)),
        *map(str, described),
        *map(str, cpu_target.target_context.codegen().magic_tuple()),
        f"OPT={int(config.OPT)}",  # type: ignore[attr-defined]
        f"{platform.python_implementation()} {platform.python_version()}",
        f"numba {numba.__version__}, llvmlite {llvmlite.__version__}, numpy {np.__version__}",
    )
    return "\n".join(lines)


def _ordered(option: Any) -> Any:
    return sorted(option) if isinstance(option, set) else option


def _described(kind: Any) -> str | None:
    """The name of a type; None for one that another process could not know."""
    if isinstance(kind, numba.types.Dispatcher):
        return None
    home = getattr(kind, "instance_class", None)
    parts = [_described(part) for part in getattr(kind, "types", ())]
    if None in parts:
        return None
    return f"{home.__module__}.{home.__qualname__}{parts}" if home else f"{kind}{parts}"


def _value(value: Any) -> str | None:
    """A value in a closure; None for one that another process could not know."""
    if isinstance(value, int | float | str | bool | None):
        return repr(value)
    if isinstance(value, tuple):
        parts = [_value(part) for part in value]
        return None if None in parts else repr(parts)
    if isinstance(value, Kernel):
        return _key(value.py_func, value.targetoptions, ()) or None
    return None
