"""What an audit of routing costs, in casts of the same scores."""

from __future__ import annotations

import time

import ml_dtypes
import numpy as np
import pytest

from engine.topk import audit_routing
from engine.topk.compiled import ready
from engine.topk.routing.formats import FORMATS

TOKENS, EXPERTS, K = 100_000, 256, 8


def median(function, times=5):
    found = []
    for _ in range(times):
        start = time.process_time()
        function()
        found.append(time.process_time() - start)
    return float(np.median(found))


@pytest.mark.parametrize("key", FORMATS)
def test_an_audit_costs_less_than_ten_casts(key):
    assert ready.settle(["audit"])
    x = np.random.default_rng(0).standard_normal((TOKENS, EXPERTS)).astype(np.float32)
    dtype = np.dtype(getattr(ml_dtypes, key, None) or key)
    audit, cast = (
        median(lambda: audit_routing(x, K, formats=[key])),
        median(lambda: x.astype(dtype)),
    )
    share = audit_routing(x, K, formats=[key]).counts[key] / TOKENS
    with ready.without_kernels():
        plain = median(lambda: audit_routing(x, K, formats=[key]), 1)
    select = median(lambda: np.argpartition(x, EXPERTS - K, axis=1), 1)
    print(
        f"\n{key}: audit {audit:.3f} s, {audit / cast:.1f} casts; by NumPy {plain:.2f} s, "
        f"np.argpartition {select:.2f} s; {share:.1%} of {TOKENS:,} tokens change"
    )
    assert audit <= 10.0 * cast
