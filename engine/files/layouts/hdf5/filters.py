"""Filters that pack the data of HDF5 files: which are at hand, and what brings the others.

HDF5 itself unpacks gzip, szip and shuffle, h5py lzf too. Others come as plug-ins; the package
hdf5plugin brings those that are registered most often, and is imported only when one is needed.

References
----------
The HDF Group, "Registered Filter Plugins", github.com/HDFGroup/hdf5_plugins.
"""

from __future__ import annotations

import importlib
from typing import Any

from engine.files.reading.entries import BadArray
from engine.sentences import Sentence, say

_NAMES = {
    2: "shuffle",
    4: "szip",
    305: "LZO",
    307: "bzip2",
    32000: "LZF",
    32001: "Blosc",
    32002: "MAFISC",
    32003: "Snappy",
    32004: "LZ4",
    32006: "BLOSC/APAX",
    32008: "bitshuffle",
    32010: "SPDP",
    32011: "LPC-Rice",
    32012: "CCSDS-123",
    32013: "ZFP",
    32014: "fpzip",
    32015: "Zstandard (zstd)",
    32016: "B3D",
    32017: "SZ",
    32018: "FCIDECOMP",
    32019: "JPEG",
    32020: "VBZ",
    32021: "FAPEC",
    32022: "BitGroom",
    32024: "SZ3",
    32025: "Delta-Rice",
    32026: "Blosc2",
    32027: "FLAC",
    32028: "SPERR",
}


def require_filters(stored: Any) -> None:
    """Refuse a dataset whose data no filter at hand unpacks.

    Raises
    ------
    BadArray
        Naming the filter and the command that brings it.
    """
    import h5py

    properties = stored.id.get_create_plist()
    for position in range(properties.get_nfilters()):
        code, _, _, raw = properties.get_filter(position)
        if h5py.h5z.filter_avail(code):
            continue
        has_package = _load_plugins()
        if h5py.h5z.filter_avail(code):
            continue
        name = _NAMES.get(code) or raw.decode("latin-1").split(";")[0].strip() or "?"
        raise BadArray(
            say(
                "it is packed by the filter {name} (number {code}), which is a plug-in that is "
                "not installed; the file is whole",
                name=name,
                code=code,
            ),
            _remedy(has_package),
        )


def _load_plugins() -> bool:
    """Have hdf5plugin register its filters; return whether it is there."""
    try:
        importlib.import_module("hdf5plugin")
    except ImportError:
        return False
    return True


def _remedy(has_package: bool) -> Sentence:
    if has_package:
        return say(
            "hdf5plugin does not bring it: install the plug-in of the program that wrote the "
            "file, or save it again with gzip: h5repack -f GZIP=4 IN OUT"
        )
    return say("Install it: pip install 'rankscope[hdf5]' (or pip install hdf5plugin)")
