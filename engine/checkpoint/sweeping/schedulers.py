"""A running scheduler of `distributed`: reached, let go of, and asked what its workers are."""

from __future__ import annotations

import gc
import logging
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from engine.checkpoint.sweeping.rows import VERSION
from engine.errors import RankscopeError
from engine.sentences import as_sentence, listed, say

_PATIENCE = 10.0  # seconds that a scheduler or a first worker may take
_DECISIVE = ("rankscope rows", "Python")


class ClusterError(RankscopeError):
    """A scheduler does not answer, has no workers, or has gone; rows so far are kept."""


def connect(address: str) -> Any:
    """Return a client of the scheduler at ``address``.

    Raises
    ------
    ClusterError
        When `distributed` is not installed, nothing answers there, or there is no worker.
    """
    made: Any = require_distributed().Client
    _require_address(address)
    # What it would log of a scheduler that goes is said in a sentence.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    logging.getLogger("tornado.application").setLevel(logging.CRITICAL)
    try:
        with _without_collecting():
            client = made(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        text = "No scheduler answers at {address} ({reason}). Start one: dask scheduler"
        raise ClusterError(say(text, address=address, reason=short(error))) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except (TimeoutError, OSError) as error:
        close(client)
        text = "The scheduler at {address} has no workers. Start some: dask worker {address}"
        raise ClusterError(say(text, address=address)) from error
    return client


def _require_address(address: str) -> None:
    """Refuse what names no scheduler: a client of it would be waited for when the program ends.

    Raises
    ------
    ClusterError
    """
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    try:
        scheme, place = parse_address(address)
        get_backend(scheme)
        host, port = parse_host_port(place)
        if not host or not 0 < port < 1 << 16:
            raise ValueError(say("it names no host, or no port from 1 to 65,535"))
    except (ValueError, TypeError) as error:
        text = "No scheduler answers at {address!r} ({reason}). Name one as in tcp://host:8786"
        raise ClusterError(say(text, address=address, reason=short(error))) from error


def require_distributed() -> Any:
    """Return the package `distributed`.

    Raises
    ------
    ClusterError
        When it is not installed.
    """
    try:
        import distributed
    except ImportError as error:
        text = "Clusters are reached by the package distributed: pip install 'rankscope[cluster]'"
        raise ClusterError(say(text)) from error
    return distributed


def close(client: Any) -> None:
    """Let go of a scheduler, whether it is still there or not."""
    with suppress(Exception), _without_collecting():
        client.close(timeout=1.0)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Collect no garbage while a client starts or ends, which it does behind a lock.

    A client that never reached its scheduler takes that lock when it is collected: by the thread
    that holds it, it would wait for itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def versions() -> dict[str, str]:
    """Return what the digits of a row depend on, in this process."""
    import scipy

    return {
        "rankscope rows": VERSION,
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "NumPy": np.__version__,
        "SciPy": scipy.__version__,
    }


def compared(client: Any) -> list[str]:
    """Return how the versions of workers differ from those here, in sentences.

    Raises
    ------
    ClusterError
        When one cannot compute the same rows at all.
    """
    own = versions()
    notes: list[str] = []
    try:
        theirs = client.run(versions)
    except Exception as error:
        text = "The workers cannot run Rankscope ({reason}). Install it there, in this version."
        raise ClusterError(say(text, reason=short(error))) from error
    for worker, found in theirs.items():
        differ = [name for name in own if found.get(name) != own[name]]
        if not differ:
            continue
        each = [
            say("{name} {theirs}, here {own}", name=name, theirs=found.get(name), own=own[name])
            for name in differ
        ]
        said = say("The worker {worker} has {what}.", worker=worker, what=listed(each))
        if any(name in _DECISIVE for name in differ):
            raise ClusterError(said)
        notes.append(said)
    return notes


def short(error: BaseException) -> str:
    """Return the first line of an error, as it stands in a sentence."""
    lines = str(error).strip().splitlines()
    return as_sentence(lines[0][:200] if lines else type(error).__name__)
