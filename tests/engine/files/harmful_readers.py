"""Imported by a process that reads: the reader of HDF5 does harm there, by the name of the file."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.files import memory_source, registry


def _tried(act):
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"


def _harm(path):
    return memory_source(
        {
            f"{number} {_tried(act)}": np.ones(2)
            for number, act in enumerate(
                (
                    lambda: socket.create_connection(("127.0.0.1", 9), 1),
                    lambda: Path(path).with_suffix(".new").write_text("x"),
                    lambda: Path(path).write_text("x"),
                    lambda: os.unlink(path),
                    lambda: os.kill(os.getppid(), 0),
                )
            )
        }
    )


def _instead(known):
    def opened(path, progress=None):
        kind = Path(path).stem
        if kind == "crash":
            ctypes.string_at(0)
        while kind == "loop":
            time.monotonic()
        return _harm(path) if kind == "harm" else known.open(path, progress)

    return replace(known, open=opened)


if "pytest" not in sys.modules:  # what looks through all tests imports it, too
    registry.FORMATS.own = tuple(
        _instead(one) if one.key == "hdf5" else one for one in registry.FORMATS.own
    )
