"""Run the checks on ugly input for as long as wanted: ``make fuzz``, or

    python -m tests.support.fuzz --seconds 600 --seed 0 [--only NAME]

Each failure prints the check and the seed that repeat it:
``python -m tests.support.fuzz --only rank_rules --seed 1234 --seconds 0``.
"""

from __future__ import annotations

import argparse
import collections
import time
import traceback
import warnings

import numpy as np

from tests.support.fuzz import (
    attention,
    code,
    files,
    heads,
    inverse,
    lowrank,
    products,
    search,
    spectrum,
    states,
    tables,
    topk,
)

MODULES = (
    spectrum, lowrank, inverse, products, attention, heads, topk, search, files, tables, states,
    code,
)  # fmt: skip
CHECKS = {check.__name__: check for module in MODULES for check in module.CHECKS}


def run(name, seed):
    """One check with one seed; warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return CHECKS[name](np.random.default_rng([seed, *name.encode()]))


def main():
    """Fuzz until the time is over; the exit status says whether anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(CHECKS), nargs="*")
    options = parser.parse_args()
    names = options.only or sorted(CHECKS)
    end, seed, failures = time.monotonic() + options.seconds, options.seed, collections.Counter()
    while True:
        for name in names:
            try:
                run(name, seed)
            except Exception:
                failures[name] += 1
                if failures[name] <= 3:
                    print(f"--- {name} --seed {seed}")
                    traceback.print_exc()
        seed += 1
        if time.monotonic() >= end:
            break
    print(
        f"{len(names)} checks x {seed - options.seed} seeds; failures: {dict(failures) or 'none'}"
    )
    for name, tally in sorted(files.TALLIES.items()):
        print(f"{name}: {tally}")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
