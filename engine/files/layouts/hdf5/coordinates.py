"""What netCDF calls the places along an axis: coordinates as numbers, texts or dates.

References
----------
NetCDF Climate and Forecast (CF) Metadata Conventions, sections 4.4 and 5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# More names than a plot or a table shows are left in the file.
MOST_NAMES = 20_000
_SINCE = re.compile(
    r"\s*(day|d|hour|hr|h|minute|min|second|sec|s|millisecond|msec)s?\s+since\s+"
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.0*)?)?)?\s*(?:Z|UTC|[-+]?0?0:?00)?\s*",
    re.IGNORECASE,
)
_MICROSECONDS = {
    **dict.fromkeys(("day", "d"), 86_400_000_000),
    **dict.fromkeys(("hour", "hr", "h"), 3_600_000_000),
    **dict.fromkeys(("minute", "min"), 60_000_000),
    **dict.fromkeys(("second", "sec", "s"), 1_000_000),
    **dict.fromkeys(("millisecond", "msec"), 1_000),
}
_CALENDARS = ("", "standard", "gregorian", "proleptic_gregorian")
# From here on all of these calendars count alike.
_GREGORIAN = np.datetime64("1582-10-15", "us")
_LATEST = np.datetime64("9999-12-31", "us")


def coordinate_names(
    values: NDArray[Any], attributes: Mapping[str, Any], count: int
) -> tuple[str, ...]:
    """Return what the places along an axis are called; nothing where that cannot be told.

    Parameters
    ----------
    values : numpy.ndarray
        The coordinate variable, shape (count,).
    attributes : mapping
        Its attributes: ``units`` and ``calendar`` tell dates; packed numbers are passed over.
    count : int
        How long the axis is.

    Examples
    --------
    >>> coordinate_names(np.array([0.1, 20], "f4"), {}, 2)
    ('0.1', '20')
    >>> coordinate_names(np.array([0, 1]), {"units": "days since 2020-02-28 00:00:00"}, 2)
    ('2020-02-28', '2020-02-29')
    """
    if values.shape != (count,) or not 0 < count <= MOST_NAMES or "scale_factor" in attributes:
        return ()
    if values.dtype.kind in "OSU":
        return texts_of(values)
    if values.dtype.kind not in "iuf":
        return ()
    return _dates(values, attributes) or tuple(map(_number, values))


def texts_of(values: NDArray[Any]) -> tuple[str, ...]:
    """Return texts as they are stored; nothing where one is none.

    Examples
    --------
    >>> texts_of(np.array([b"a", b"b"]))
    ('a', 'b')
    """
    items = values.tolist()
    if not all(isinstance(item, bytes | str) for item in items):
        return ()
    return tuple(
        item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in items
    )


def _number(value: Any) -> str:
    if isinstance(value, np.integer) or not np.isfinite(value):
        return str(value)
    if value == 0 or 1e-4 <= abs(value) < 1e16:
        return str(np.format_float_positional(value, trim="-"))
    return str(np.format_float_scientific(value, trim="-"))


def _dates(values: NDArray[Any], attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """Return days, with the time of the day where one is not midnight."""
    found = _SINCE.fullmatch(_text(attributes.get("units", "")))
    if found is None or _text(attributes.get("calendar", "")).lower() not in _CALENDARS:
        return ()
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.asarray(values, np.float64) * _MICROSECONDS[found[1].lower()]
    # A float of this size is exact to less than a second, and no date overflows.
    if not np.isfinite(steps).all() or np.abs(steps).max() > 2.0**60:
        return ()
    day = f"{found[2]}-{int(found[3]):02}-{int(found[4]):02}"
    clock = (f"{int(part or 0):02}" for part in found.group(5, 6, 7))
    try:
        start = np.datetime64(f"{day}T{':'.join(clock)}", "us")
    except ValueError:
        return ()
    times = start + np.rint(steps).astype("timedelta64[us]")
    if min(start, times.min()) < _GREGORIAN or times.max() > _LATEST:
        return ()
    shown = np.datetime_as_string((times + np.timedelta64(500, "ms")).astype("datetime64[s]"))
    if all(text.endswith("T00:00:00") for text in shown):
        return tuple(str(text)[:10] for text in shown)
    return tuple(str(text).replace("T", " ") for text in shown)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
