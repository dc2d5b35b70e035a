"""The audit by both routes."""

import pytest

from engine.topk.compiled import ready


@pytest.fixture(autouse=True, params=["numpy", "compiled"])
def route(request):
    if request.param == "compiled":
        assert ready.settle(["audit"])
        yield request.param
        return
    with ready.without_kernels():
        yield request.param
