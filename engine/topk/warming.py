"""Have compiled kernels made ready, so that the next call finds them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.topk.compiled import ready
from engine.topk.registry import OPERATORS, get_operator

__all__ = ["warm"]


def warm(keys: Iterable[str] | None = None, *, wait: bool = False) -> bool:
    """Have the compiled kernels of operators made ready in the background.

    Until they are, calls are answered by NumPy, with the same digits to 1e-13.  The first time on a
    machine a kernel takes some seconds to compile, half a minute for all of them, and is kept on
    disk; from then on any process finds it there in milliseconds, after the half second that numba
    takes to import.  All of it happens in one thread, which ends when the process does, at most one
    kernel late.

    Parameters
    ----------
    keys : iterable of str, optional
        Keys of the operators wanted first, or alone; all by default.
    wait : bool, keyword only
        Whether to return only when they are ready, as a script or a worker process may.

    Returns
    -------
    bool
        Whether all of them are ready now.

    Raises
    ------
    ArgumentError
        If there is no such operator.

    Notes
    -----
    Without `warm` a call with more than 32768 scores asks for the kernels that it misses.  Kernels
    that numba cannot compile here are not tried again.  `NUMBA_CACHE_DIR` names another folder to
    keep them in; `NUMBA_DISABLE_JIT` must not be set.

    Examples
    --------
    >>> warm([])
    True
    """
    operators = OPERATORS.own if keys is None else [get_operator(key) for key in keys]
    names = list(dict.fromkeys(name for op in operators for name in op.kernels))
    return ready.settle(names) if wait else ready.want(names)
