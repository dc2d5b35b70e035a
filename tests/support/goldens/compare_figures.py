"""Compares two dumps: ``python -m tests.support.goldens.compare_figures OLD NEW``.

Everything but numbers has to be equal. Numbers may differ by ``--rtol`` of the largest one of
their array; what is missing (NaN) has to be missing in both. The last line says how many Figures
were compared; the exit status is 1 where something differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

RTOL = 1e-12
MARK = "array "
KEYED = ("series", "bands", "spans", "cursors", "images")


class Dump:
    """What ``dump_figures`` has written to a folder."""

    def __init__(self, folder: Path) -> None:
        self.states: dict[str, Any] = json.loads((folder / "figures.json").read_text("utf-8"))
        self._arrays = np.load(folder / "arrays.npz")

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """Return an array by what a field says of it."""
        found: np.ndarray[Any, Any] = self._arrays[name.removeprefix(MARK)]
        return found


def differences(old: Dump, new: Dump, rtol: float) -> Iterator[str]:
    """Yield one line for everything in which the dumps differ."""
    for state in _either(old.states, new.states):
        figures, others = old.states.get(state), new.states.get(state)
        if figures is None or others is None:
            yield f"{state}: {'new' if figures is None else 'gone'}"
            continue
        for key in _either(figures, others):
            if key not in figures or key not in others:
                yield f"{state}: {key} is {'new' if key in others else 'gone'}"
                continue
            for place, said in _in_value(old, new, figures[key], others[key], rtol):
                yield f"{state}: {key}{place}: {said}"


def _either(one: Any, other: Any) -> list[str]:
    return [*one, *(key for key in other if key not in one)]


def _in_value(
    old: Dump, new: Dump, value: Any, other: Any, rtol: float
) -> Iterator[tuple[str, str]]:
    """Yield (place, what is the matter) below one field."""
    if isinstance(value, dict) and isinstance(other, dict):
        for key in _either(value, other):
            if key == "pixels" and value["values"] != other.get("values"):
                continue  # numbers that differ by rounding may have another shade
            if key not in value or key not in other:
                yield f".{key}", "new" if key in other else "gone"
                continue
            below = value[key], other[key]
            if key in KEYED:
                below = _by_key(value[key]), _by_key(other[key])
                if list(below[0]) != list(below[1]):
                    yield f".{key}", f"{list(below[0])} are now {list(below[1])}"
            for place, said in _in_value(old, new, *below, rtol):
                yield f".{key}{place}", said
    elif _is_array(value) and _is_array(other):
        if value != other and (said := _in_arrays(old.array(value), new.array(other), rtol)):
            yield "", said
    elif isinstance(value, float) and isinstance(other, (int, float)):
        if said := _in_arrays(np.array([value]), np.array([float(other)]), rtol):
            yield "", said
    elif value != other:
        yield "", f"{value!r} is now {other!r}"


def _by_key(items: list[Any]) -> dict[str, Any]:
    return {item["key"]: item for item in items}


def _is_array(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(MARK)


def _in_arrays(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any], rtol: float) -> str:
    """Return in what two arrays differ, "" where they agree."""
    if one.shape != other.shape:
        return f"shape {one.shape} is now {other.shape}"
    finite = np.isfinite(one)
    if not np.array_equal(np.where(finite, 0.0, one), np.where(np.isfinite(other), 0.0, other),
                          equal_nan=True):  # fmt: skip
        return "other entries are missing or infinite"
    gap = np.abs(np.where(finite, one, 0.0) - np.where(finite, other, 0.0))
    largest = float(np.max(np.abs(one[finite]), initial=0.0))
    worst = float(np.max(gap, initial=0.0))
    return "" if worst <= rtol * largest else f"differs by {worst / (largest or 1.0):.2g}"


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--rtol", type=float, default=RTOL, help="of the largest number")
    options = parser.parse_args()
    old, new = Dump(options.old), Dump(options.new)
    found = list(differences(old, new, options.rtol))
    for line in found:
        print(line)
    count = sum(len(figures) for figures in old.states.values())
    print(f"{count} figures of {len(old.states)} states compared, {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
