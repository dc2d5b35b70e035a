"""No kernels are asked for here: one route is enough."""

import pytest


@pytest.fixture(autouse=True)
def route():
    return "numpy"
