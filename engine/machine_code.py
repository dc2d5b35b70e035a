"""Machine code made by LLVM from its own language: what is compiled needs no other compiler."""

from __future__ import annotations

from typing import Any


def compiled(text: str) -> Any:
    """Return the engine of LLVM that holds the functions of ``text``, for as long as it lives.

    Parameters
    ----------
    text : str
        A module in the language of LLVM.

    Raises
    ------
    ImportError, OSError, RuntimeError
        Where LLVM is missing, or too old to read it.

    Examples
    --------
    >>> import ctypes
    >>> text = "define i32 @twice(i32 %x) { %y = add i32 %x, %x ret i32 %y }"
    >>> engine = compiled(text)
    >>> ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int32)(engine.get_function_address("twice"))(21)
    42
    """
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(opt=2, jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text), machine)
    engine.finalize_object()
    return engine
