"""What crosses to a worker process: memory of what cannot be packed or unpacked is given back."""

from __future__ import annotations

import gc
import os
import secrets
import sys

import numpy as np
import pytest

from gui.core.work import shipping
from gui.core.work.shipping import LARGE, discard, pack, unpack

SEGMENTS = "/dev/shm"


class Refuses:
    """Holds an array while it is unpacked, and then cannot be."""

    def __init__(self, array):
        self.array = array

    def __getstate__(self):
        return {"array": self.array}

    def __setstate__(self, state):
        self.array = state["array"]
        raise ValueError("not in this process")


class Keeps:
    """Something of which another thread keeps what it computes, as it is being packed."""

    def __init__(self, times):
        self.first, self.times = Adds(self), times


class Adds:
    def __init__(self, owner):
        self._owner = owner

    def __reduce__(self):
        if self._owner.times:
            self._owner.times -= 1
            setattr(self._owner, f"kept{self._owner.times}", 1)
        return str, ()


@pytest.fixture
def segment():
    name = f"rk-test-{secrets.token_hex(4)}"
    yield name
    discard(name)


@pytest.fixture
def complaints(monkeypatch):
    """What is said of exceptions that nobody can catch."""
    found = []
    monkeypatch.setattr(sys, "unraisablehook", found.append)
    return found


def test_what_another_thread_keeps_meanwhile_does_not_matter(segment):
    parcel, _ = pack([Keeps(3), np.ones(LARGE)], segment)
    (found, array), memory = unpack(parcel, copy=True)
    assert (found.kept0, array.size, memory) == (1, LARGE, None)
    with pytest.raises(RuntimeError, match="changed size"):
        pack(Keeps(1000), segment)


@pytest.mark.parametrize("copy", [True, False])
def test_a_request_that_cannot_be_unpacked_leaves_nothing_and_says_it_once(
    copy, segment, complaints
):
    parcel, memory = pack(Refuses(np.ones(LARGE)), segment)
    with pytest.raises(ValueError, match="not in this process"):
        unpack(parcel, copy=copy)
    gc.collect()
    assert complaints == []
    memory.close()
    memory.unlink()


@pytest.mark.skipif(not os.path.isdir(SEGMENTS), reason="segments are no files here")
def test_a_request_that_cannot_be_copied_leaves_no_segment(segment, complaints, monkeypatch):
    def fails(*_):
        raise MemoryError

    monkeypatch.setattr(shipping, "_copy", fails)
    with pytest.raises(MemoryError):
        pack(np.ones(LARGE), segment)
    gc.collect()
    assert (complaints, os.path.exists(f"{SEGMENTS}/{segment}")) == ([], False)
