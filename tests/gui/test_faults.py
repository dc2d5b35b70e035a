"""Every write, rename, fsync, open and allocation fails once, by number (`make long`)."""

from __future__ import annotations

import pytest

from tests.support.drill.faults import KINDS, TASKS, faults_of


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TASKS)
def test_a_fault_is_said_and_leaves_everything_whole(name, kind):
    count, wrong = faults_of(name, kind)
    assert not wrong, "\n".join(wrong)
    assert count > 0 or kind == "memory"
