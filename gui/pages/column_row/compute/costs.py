"""How long the engine takes, about: what decides between a thread and a process.

Plain numbers in and out: what a request costs is said where it is made.
"""

from __future__ import annotations

GRAM_READY = 2048  # up to here all inner products of the terms are kept at hand
FLOPS = 1.5e10  # per second, cautiously
_TUPLE = 3e-7  # seconds to rank one tuple


def approximation_seconds(sides: tuple[int, int], pairs: int, r: int) -> float:
    """Return how long one approximation is weighed and its error found, once it is chosen.

    Examples
    --------
    >>> approximation_seconds((20, 20), 100, 8) < 1e-3
    True
    >>> approximation_seconds((2000, 2000), 2000, 8) > 1.0
    True
    """
    p, q = sides
    return (4.0 * p * pairs * q + r**3 + 8.0 * (p + q) * min(r, p + q) ** 2) / FLOPS


def choosing_seconds(strategy: str, pairs: int, length: int) -> float:
    """Return how long a strategy looks for its pairs; ``length`` is that of x_i and y_i together.

    Examples
    --------
    >>> choosing_seconds("norm", 100, 40), choosing_seconds("exact", 100, 40)
    (0.0, 0.3)
    """
    gram = 2.0 * pairs**2 * length / FLOPS if pairs > GRAM_READY else 0.0
    tuples = {"drop1": pairs, "drop2": pairs**2 / 2, "drop3": pairs**3 / 6}
    if strategy in tuples:
        return gram + tuples[strategy] * _TUPLE
    if strategy == "greedy":
        return gram + 2e-9 * pairs**2 + 1e-5 * pairs
    return 0.3 if strategy == "exact" else 0.0
