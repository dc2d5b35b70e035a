"""What was written by an earlier version, brought to where it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.core.words.i18n import tr

_REPAIRS, _SELECTION = "repairs", "selection"
_MOST = 500  # arrays that a page of an earlier version replaced something in


def migrated(saved: Mapping[str, Any], front: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return (slices, notices) of JSON slices by name.

    Pages once had a choice of their own of how NaN and infinity are replaced in an array; it
    belongs to the array now. Where two pages had other choices the one of ``front``, the page in
    front, wins, and a notice says so.
    """
    slices = dict(saved)
    owners = [name for name, value in slices.items() if name != _SELECTION and _has_repairs(value)]
    if not owners:
        return slices, ()
    selection = slices.get(_SELECTION)
    selection = dict(selection) if isinstance(selection, dict) else {}
    # What has been chosen for the array itself counts, whatever a page had.
    settled = selection[_REPAIRS][-_MOST:] if _has_repairs(selection) else []
    chosen: list[Any] = []
    contradicted = False
    for name in sorted(owners, key=lambda one: one != front):
        page = dict(slices[name])
        for item in page.pop(_REPAIRS)[-_MOST:]:
            if any(_ref(one) == _ref(item) for one in settled):
                continue
            other = next((one for one in chosen if _ref(one) == _ref(item)), None)
            if other is None:
                chosen.append(item)
            else:
                contradicted |= other != item
        slices[name] = page
    slices[_SELECTION] = {**selection, _REPAIRS: [*settled, *chosen]}
    if not contradicted:
        return slices, ()
    return slices, (
        tr(
            "NaN was replaced in two ways in one array; the way of the page in front counts "
            "for every page now."
        ),
    )


def _has_repairs(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get(_REPAIRS), list)


def _ref(item: Any) -> Any:
    return item.get("ref") if isinstance(item, dict) else item
