"""Numbers kept as whole ones with a scale and an offset, and fill values, as netCDF has them.

References
----------
Eaton et al., "NetCDF Climate and Forecast (CF) Metadata Conventions", version 1.11, section 8.1:
packed data; section 2.5.1: missing data. Unidata, "NetCDF Users Guide", appendix A: valid_range,
and what is filled in where nothing was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.files.reading.arrays import Array
from engine.sentences import say

_FILLS = ("_FillValue", "missing_value")
# What netCDF writes where nothing was written and no other fill value is said; bytes have none.
_DEFAULT_FILLS = {
    "i2": -(2**15) + 1,
    "i4": -(2**31) + 1,
    "i8": -(2**63) + 2,
    "u2": 2**16 - 1,
    "u4": 2**32 - 1,
    "u8": 2**64 - 2,
    **dict.fromkeys(("f4", "f8"), 9.9692099683868690e36),
}
_UNWRITTEN = ""


@dataclass(frozen=True)
class Packing:
    """How codes become numbers: code * scale + offset, and which of them are missing.

    Attributes
    ----------
    scale, offset : float
        1 and 0 where only fill values are given.
    fills : tuple of (code, str)
        Codes that stand for a missing value, each with the attribute that says so.
    is_unsigned : bool
        Whether signed codes are meant as unsigned ones, which netCDF 3 lacks.
    is_scaled : bool
        Whether codes are multiplied at all.
    valid : tuple of (number, number) or None
        Least and largest number that is valid; the others are missing.
    is_valid_unpacked : bool
        Whether ``valid`` bounds the numbers, not their codes.
    """

    scale: float = 1.0
    offset: float = 0.0
    fills: tuple[tuple[Any, str], ...] = ()
    is_unsigned: bool = False
    is_scaled: bool = False
    valid: tuple[Any, Any] | None = None
    is_valid_unpacked: bool = False

    def dtype(self, stored: np.dtype[Any]) -> np.dtype[Any]:
        """Return the type of the numbers: a missing value needs a float."""
        if self.is_scaled or ((self.fills or self.valid) and stored.kind in "iu"):
            return np.dtype(np.float64)
        return _codes(stored, self.is_unsigned)

    def apply(self, codes: Array) -> Array:
        """Return the numbers of codes, NaN where they are missing."""
        found = np.asarray(codes).view(_codes(codes.dtype, self.is_unsigned))
        missing = np.zeros(found.shape, bool)
        for fill, _ in self.fills:
            missing |= found == fill
        numbers = found.astype(self.dtype(codes.dtype))
        if self.is_scaled:
            with np.errstate(all="ignore"):
                numbers = np.asarray(numbers * self.scale + self.offset)
        if self.valid is not None:
            low, high = self.valid
            bounded = numbers if self.is_valid_unpacked else found
            missing |= (bounded < low) | (bounded > high)
        if missing.any():
            numbers[missing] = np.nan
        return numbers

    def notes(self) -> tuple[str, ...]:
        """Return what is done, in sentences."""
        notes = []
        if self.is_scaled:
            notes.append(
                say(
                    "Unpacked: each stored code times scale_factor {scale:.12g} plus add_offset "
                    "{offset:.12g}.",
                    scale=self.scale,
                    offset=self.offset,
                )
            )
        if self.is_unsigned:
            notes.append(say("Its codes are read as unsigned (_Unsigned)."))
        for value, name in self.fills:
            words = "{value} is read as missing ({attribute})."
            if name == _UNWRITTEN:
                words = "{value} is read as missing: netCDF fills in what was never written."
            notes.append(say(words, value=value, attribute=name))
        if self.valid is not None:
            words = "What lies outside {low} to {high} is read as missing (valid_range)."
            if self.is_scaled and not self.is_valid_unpacked:
                words = "Codes outside {low} to {high} are read as missing (valid_range)."
            low, high = self.valid
            notes.append(say(words, low=low, high=high))
        return tuple(notes)


def packing_of(
    attributes: Mapping[str, Any], stored: np.dtype[Any], unwritten: Any = None
) -> Packing | None:
    """Return how the numbers of an array are packed; None where they are as they stand.

    Parameters
    ----------
    attributes : mapping
        What the file says of the array.
    stored : numpy.dtype
        Type of its codes.
    unwritten : number, optional
        What the file holds where nothing was written; missing where it is netCDF's own.

    Examples
    --------
    >>> packing = packing_of({"scale_factor": 0.5, "_FillValue": -1}, np.dtype("i2"))
    >>> packing.apply(np.array([4, -1], "i2"))
    array([ 2., nan])
    """
    if stored.kind not in "iuf":
        return None
    scale, offset = (_number(attributes, name) for name in ("scale_factor", "add_offset"))
    is_unsigned = stored.kind == "i" and str(_text(attributes.get("_Unsigned"))).lower() == "true"
    fills = _fill_values(attributes, stored, _codes(stored, is_unsigned))
    default = default_fill(stored)
    if not fills and default is not None and unwritten == stored.type(default):
        fills = ((stored.type(default).item(), _UNWRITTEN),)
    is_scaled = scale is not None or offset is not None
    valid, is_valid_unpacked = _valid(attributes, stored, is_unsigned, is_scaled)
    if not is_scaled and not fills and not is_unsigned and valid is None:
        return None
    return Packing(
        1.0 if scale is None else scale,
        0.0 if offset is None else offset,
        fills,
        is_unsigned,
        is_scaled,
        valid,
        is_valid_unpacked,
    )


def default_fill(stored: np.dtype[Any]) -> Any:
    """Return what netCDF fills in where nothing is written; None for bytes.

    Examples
    --------
    >>> default_fill(np.dtype(">i2")), default_fill(np.dtype("i1"))
    (-32767, None)
    """
    return _DEFAULT_FILLS.get(stored.str[1:])


def _codes(stored: np.dtype[Any], is_unsigned: bool) -> np.dtype[Any]:
    return np.dtype(stored.str.replace("i", "u")) if is_unsigned else stored


def _number(attributes: Mapping[str, Any], name: str) -> float | None:
    found = np.asarray(attributes.get(name, ()))
    if found.size != 1 or found.dtype.kind not in "iuf":
        return None
    number = float(found.reshape(-1)[0])
    return number if np.isfinite(number) else None


def _fill_values(
    attributes: Mapping[str, Any], stored: np.dtype[Any], codes: np.dtype[Any]
) -> tuple[tuple[Any, str], ...]:
    found: dict[Any, str] = {}
    for name in _FILLS:
        values = np.asarray(attributes.get(name, ())).reshape(-1)
        if values.dtype.kind not in "iuf" or values.size > 16:
            continue
        for value in values:
            # As a code of the array: what does not fit into its type is none of them.
            with np.errstate(all="ignore"):
                code = np.asarray(value).astype(stored)
            if stored.kind == "f" or code == value:
                fill = code.view(codes)[()]
                if not np.isnan(fill):
                    found.setdefault(fill.item(), name)
    return tuple(found.items())


def _valid(
    attributes: Mapping[str, Any], stored: np.dtype[Any], is_unsigned: bool, is_scaled: bool
) -> tuple[tuple[Any, Any] | None, bool]:
    """Return the bounds of what is valid, and whether they are of the numbers, not of codes."""
    both = np.asarray(attributes.get("valid_range", ())).reshape(-1)
    if both.size == 2:
        bounds = [both[:1], both[1:]]
    else:
        names = "valid_min", "valid_max"
        bounds = [np.asarray(attributes.get(name, ())).reshape(-1) for name in names]
    if not any(one.size for one in bounds) or any(
        one.size > 1 or one.dtype.kind not in "iuf" for one in bounds if one.size
    ):
        return None, False
    # Of another type than the codes, they bound what is unpacked.
    kinds = {one.dtype.kind for one in bounds if one.size}
    is_unpacked = is_scaled and kinds == {"f"} and stored.kind in "iu"
    found: list[Any] = []
    for one, none in zip(bounds, (-np.inf, np.inf), strict=True):
        if not one.size:
            found.append(none)
        elif is_unsigned and one.dtype == stored:
            found.append(one.view(_codes(stored, True))[0].item())
        else:
            found.append(one[0].item())
    low, high = found
    return ((low, high), is_unpacked) if low <= high else (None, False)


def _text(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value
