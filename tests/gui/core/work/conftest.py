"""The pages of the conductor's tests, begun."""

from __future__ import annotations

import pytest

from tests.support.conducted import Rig
from tests.support.conducted_pages import (
    FAMILY,
    PAGE,
)


@pytest.fixture
def rig():
    made = Rig(PAGE)
    made.c.update()
    return made


@pytest.fixture
def family():
    made = Rig(FAMILY, data="x")
    made.c.update()
    made.runner.answer("matrix")
    return made


@pytest.fixture(autouse=True)
def worker_processes():
    """Worker processes are what is tested here: each test has its own."""
