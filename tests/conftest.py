"""Settings every test needs before Qt is first used."""

import os
from pathlib import Path

# A screen on which the window is not maximised, as on a desk; Qt's own is 800 x 800.
SCREEN = Path(__file__).parent / "support" / "screen.json"

if os.environ.setdefault("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={SCREEN}"
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
os.environ.setdefault("MPLBACKEND", "agg")
