"""How kernels are compiled: numba, without the GIL, cached on disk (see `build` and `cache`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba import types

from sweep.ode.build import Kernel

Function = TypeVar("Function", bound=Callable[..., Any])

_compiling = threading.Lock()


REORDERED = {"contract", "reassoc", "nsz", "arcp"}


def kernel(function: Function) -> Function:
    """Compile `function`: nopython, no GIL, cached; IEEE arithmetic, but a*b+c may be fused."""
    return _compile(function, {"contract"})


def fast_kernel(function: Function) -> Function:
    """As `kernel`, and sums may be reordered, so that loops vectorize.

    A test of `math.isfinite` is not to be relied on after reordered sums: infinity minus infinity
    may have been reordered away. Compare with a bound instead.
    """
    return _compile(function, REORDERED)


def inlined_kernel(function: Function) -> Function:
    """As `fast_kernel`, and inlined into the kernels that call it."""
    return _compile(function, REORDERED, forceinline=True)


def precise_kernel(function: Function) -> Function:
    """As `inlined_kernel`, but sums keep their order, so that small differences keep their digits;
    for what kernels alone call.
    """
    return _compile(
        function, {"contract"}, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True
    )


def inner_kernel(function: Function) -> Function:
    """As `inlined_kernel`, for what kernels alone call: it cannot be called from Python."""
    return _compile(
        function, REORDERED, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True
    )


Signature = tuple[Any, ...]
"""The types of a kernel's arguments."""


def compile_for(function: Any, *arguments: Any) -> Signature:
    """Compile a kernel for these arguments, or load it from the cache, without calling it.

    A kernel among them is given as a `Pointer`, so that its code is not compiled again into the one
    that calls it. From here on the kernel takes arguments of the types compiled for only.

    Raises TypeError for a NamedTuple of a class from outside this package: the cache on disk, which
    names it, could not be read by a process that cannot import it. Plain tuples have no such class.
    """
    signature = tuple(numba.typeof(argument) for argument in arguments)
    for kind in signature:
        _refuse_foreign(kind)
    with _compiling:  # a thread that came second would find compilation disabled
        if signature not in function.overloads:
            function.disable_compile(False)
            function.compile(signature)
            function.disable_compile()
    return signature


def _refuse_foreign(kind: Any) -> None:
    home = getattr(kind, "instance_class", None)
    if home is not None and home.__module__.partition(".")[0] != __name__.partition(".")[0]:
        raise TypeError(f"{home.__module__}.{home.__qualname__}: give a plain tuple instead")
    for part in getattr(kind, "types", ()):
        _refuse_foreign(part)


class Pointer(types.WrapperAddressProtocol):
    """A kernel compiled by `compile_for`, as an argument of another.

    The kernel itself may be the argument as well, but then numba looks up its address each time,
    which takes longer than a short integration.
    """

    def __init__(self, function: Any, signature: Signature) -> None:
        compiled = function.overloads[signature]
        self._signature = compiled.signature
        self._address = compiled.library.get_pointer_to_function(
            compiled.fndesc.llvm_cfunc_wrapper_name
        )

    def __wrapper_address__(self) -> int:
        return self._address  # type: ignore[no-any-return]

    def signature(self) -> Any:
        return self._signature


def uncompiled(function: Function) -> Function:
    """The Python function of a kernel, where it is called so rarely that an entry from Python, to
    return many arrays, takes longer to compile than it will ever save."""
    plain: Any = function
    return plain.py_func  # type: ignore[no-any-return]


def direct(function: Any, signature: Signature) -> Callable[..., Any]:
    """A kernel compiled by `compile_for`, to be called without a look at its arguments' types.

    These must be what it was compiled for, arrays contiguous: nothing checks them.
    """
    return function.overloads[signature].entry_point  # type: ignore[no-any-return]


def _compile(function: Function, fastmath: set[str], **options: Any) -> Function:
    compiled: Any = Kernel(
        function,
        {},
        {
            "nopython": True,
            "boundscheck": None,
            "nogil": True,
            "fastmath": fastmath,
            "error_model": "numpy",
            **options,
        },
    )
    return compiled  # type: ignore[no-any-return]
