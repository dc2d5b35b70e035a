"""Numbers kept as whole ones with a scale and an offset, and fill values, as netCDF has them.

References
----------
Eaton et al., "NetCDF Climate and Forecast (CF) Metadata Conventions", version 1.11, section 8.1:
packed data; section 2.5.1: missing data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.files.reading.arrays import Array
from engine.sentences import say

_FILLS = ("_FillValue", "missing_value")


@dataclass(frozen=True)
class Packing:
    """How codes become numbers: code * scale + offset, and which of them are missing.

    Attributes
    ----------
    scale, offset : float
        1 and 0 where only fill values are given.
    fills : tuple
        Codes that stand for a missing value.
    is_unsigned : bool
        Whether signed codes are meant as unsigned ones, which netCDF 3 lacks.
    """

    scale: float = 1.0
    offset: float = 0.0
    fills: tuple[Any, ...] = ()
    is_unsigned: bool = False
    is_scaled: bool = False

    def dtype(self, stored: np.dtype[Any]) -> np.dtype[Any]:
        """Return the type of the numbers: a missing value needs a float."""
        if self.is_scaled or (self.fills and stored.kind in "iu"):
            return np.dtype(np.float64)
        return _codes(stored, self.is_unsigned)

    def apply(self, codes: Array) -> Array:
        """Return the numbers of codes, NaN where they are missing."""
        found = np.asarray(codes).view(_codes(codes.dtype, self.is_unsigned))
        missing = np.zeros(found.shape, bool)
        for fill in self.fills:
            missing |= found == fill
        numbers = found.astype(self.dtype(codes.dtype))
        if self.is_scaled:
            with np.errstate(all="ignore"):
                numbers = np.asarray(numbers * self.scale + self.offset)
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
        notes += [say("{value} is read as missing (_FillValue).", value=one) for one in self.fills]
        return tuple(notes)


def packing_of(attributes: Mapping[str, Any], stored: np.dtype[Any]) -> Packing | None:
    """Return how the numbers of an array are packed; None where they are as they stand.

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
    is_scaled = scale is not None or offset is not None
    if not is_scaled and not fills and not is_unsigned:
        return None
    return Packing(
        1.0 if scale is None else scale,
        0.0 if offset is None else offset,
        fills,
        is_unsigned,
        is_scaled,
    )


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
) -> tuple[Any, ...]:
    found: dict[Any, None] = {}
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
                found |= {fill.item(): None} if not np.isnan(fill) else {}
    return tuple(found)


def _text(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value
