"""Settings every test needs before Qt is first used."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
os.environ.setdefault("MPLBACKEND", "agg")
