"""Settings every test needs before Qt is first used, and which cases are a long run."""

import atexit
import math
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

# A screen on which the window is not maximised, as on a desk; Qt's own is 800 x 800.
SCREEN = Path(__file__).parent / "support" / "screen.json"

if os.environ.setdefault("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={SCREEN}"
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
# Hundreds of processes of the program are started: compiled modules are kept, or each of them
# would compile it anew where an environment forbids to write them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ.setdefault("MPLBACKEND", "agg")
# No window of the person's own hears of these.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="rankscope-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)

_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave of a test marked ``sample(share)`` that share of its cases; the others are long.

    Multiples of the golden ratio are spread evenly, also over those cases that have one parameter
    in common, whatever the order of parameters is.
    """
    seen: Counter[str] = Counter()
    for item in items:
        mark = item.get_closest_marker("sample")
        if mark is None:
            continue
        name = item.nodeid.split("[")[0]
        if seen[name] * _GOLDEN % 1.0 >= mark.args[0]:
            item.add_marker(pytest.mark.long)
        seen[name] += 1
