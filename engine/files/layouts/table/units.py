"""Lines between the names of columns and their numbers: units, types and roles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.files.layouts.table.kinds import kind_of
from engine.files.layouts.table.numerals import is_missing

_PREFIXED = {
    f"{prefix}{unit}"
    for prefix in ("", "n", "u", "µ", "μ", "m", "c", "k", "M", "G")
    for unit in (
        "m",
        "s",
        "g",
        "A",
        "V",
        "W",
        "N",
        "Pa",
        "Hz",
        "J",
        "eV",
        "l",
        "L",
        "K",
        "T",
        "F",
        "H",
        "Ohm",
        "Ω",
        "ohm",
        "bar",
        "mol",
        "C",
        "rad",
        "Wh",
        "B",
    )
}
_UNITS = _PREFIXED | {
    *("%", "-", "1", "°", "°C", "°F", "°K", "degC", "deg", "degree", "degrees", "h", "hr", "min"),
    *("sec", "d", "day", "days", "a.u.", "au", "AU", "mAU", "arb", "arb.", "counts", "cts", "cps"),
    *("dB", "dBm", "ppm", "ppb", "rpm", "px", "pixel", "pixels", "S", "lx", "cd", "Nm", "t", "lb"),
    *("ft", "in", "inch", "mph", "kn", "mmHg", "psi", "hPa", "Volt", "volt", "Ampere", "second"),
    *("seconds", "meter", "metre", "Kelvin", "USD", "EUR", "pH", "mg/l", "ug/m3", "none", "None"),
}
_TYPES = {
    *("continuous", "discrete", "string", "time", "class", "meta", "ignore", "c", "d", "i", "w"),
    *("numeric", "number", "float", "double", "real", "int", "integer", "text", "nominal", "bool"),
    *("float64", "float32", "int64", "int32", "object", "str", "char", "categorical", "boolean"),
}
_BRACKETED = re.compile(r"\(.*\)|\[.*\]|<.*>")
_COMPOUND = re.compile(r"[A-Za-zµμΩ°%]{1,4}(?:[/*·.^ ]?[A-Za-zµμΩ°%]{0,4}[-^]?\d?){0,4}")


def are_units(cells: Sequence[str], names: Sequence[str] | None = None) -> bool:
    """Whether a line tells the units or types of the columns that the line above it names.

    Examples
    --------
    >>> are_units(["s", "N", "mm"]), are_units(["", "", "class"]), are_units(["time", "force"])
    (True, True, False)
    >>> are_units(["time"], ["clock"])
    True
    """
    filled = [cell for cell in cells if cell]
    if not filled:
        return True
    known = sum(
        cell in _UNITS
        or (cell.lower() in _TYPES and names is not None)
        or (bool(_BRACKETED.fullmatch(cell)) and (len(cell) == 3 or kind_of(cell) == "t"))
        or (any(mark in cell for mark in "/^·°²³") and bool(_COMPOUND.fullmatch(cell)))
        or cell in ("class", "continuous", "discrete", "numeric", "float64", "int64")
        for cell in filled
    )
    return 2 * known > len(filled)


def tell_units(cells: Sequence[str], names: Sequence[str], textual: Sequence[bool]) -> bool:
    """Whether a line below the names tells units and is none of data: labels may be like units.

    Examples
    --------
    >>> tell_units(["s", "1", "N"], ["t", "a", "b"], [False, False, False])
    True
    >>> tell_units(["m", "1", "2"], ["part", "a", "b"], [True, False, False])
    False
    >>> tell_units(["", "", "class"], ["a", "b", "c"], [False, False, True])
    True
    """
    own = [kind_of(one) for place, one in enumerate(cells) if not any(textual[place : place + 1])]
    filled = [cell for cell in cells if not is_missing(cell)]
    if not filled or ("n" in own and "t" not in own):
        return False
    return are_units(filled, names)
