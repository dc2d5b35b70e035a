"""Writes the table: ``python -m tests.support.worst_cases [--tries 60]``."""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from engine.topk import get_operator
from tests.engine.topk.reference import DIRECT, DISTRIBUTIONS
from tests.support.worst_cases.search import worst_of

FILE = Path(__file__).resolve().parents[2] / "data" / "topk_worst_cases.json"
KEYS = (*DISTRIBUTIONS, *DIRECT)
HEAD = {
    "what": "Soft Top-k operators: scores, k and tau on which float64 code was furthest from the "
    "truth, with the truth to 50 significant digits.",
    "licence": "CC0 1.0: use it for anything.",
    "numbers": "x, g, k and tau are written so that reading them as float64 gives the exact "
    "numbers meant; p and vjp are decimals of 50 digits of the exact answer for these "
    "(0.0 where it is below 1e-9999).",
    "columns": {
        "operator": "see operators",
        "kind": "how the scores were drawn",
        "k": "how many are kept",
        "tau": "temperature, in the unit of x",
        "x": "scores; z = x / tau",
        "g": "cotangent",
        "at": "0-based places of the entries in p and vjp (a few of a long row)",
        "p": "the output",
        "vjp": "J^T g with J = dp/dx; null where J is one-sided (a kink or a tie within 1e-9)",
        "p_error": "largest |p - truth| of this package when the table was made",
        "p_ulps": "the same in units of the last place of each p",
        "vjp_error": "largest |vjp - truth| of this package, in units of max|g| / tau",
        "vjp_relative": "the same relative to the largest entry",
    },
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=60, help="cases tried for each operator")
    tries = parser.parse_args().tries
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        cases = [c for found in pool.map(partial(worst_of, tries=tries), KEYS) for c in found]
    made = f"python -m tests.support.worst_cases --tries {tries}: the worst of a seeded search"
    head = HEAD | {"made": made, "operators": {key: str(get_operator(key).formula) for key in KEYS}}
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = json.dumps(head, indent=1).removesuffix("\n}") + f',\n "cases": [\n{lines}\n]}}\n'
    FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
