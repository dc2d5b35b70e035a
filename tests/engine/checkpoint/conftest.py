"""Which processes a test has started: others of the run may keep theirs."""

from __future__ import annotations

import multiprocessing

import pytest


@pytest.fixture
def children():
    """Tell the processes that this test has started and that live."""
    before = set(multiprocessing.active_children())
    return lambda: [one for one in multiprocessing.active_children() if one not in before]
