"""Time from process start to the first painted window, against a bare PySide6 + pyqtgraph window.

Run: ``python -m pytest tests/benchmarks/test_start_time.py -o addopts="" -q -s``. The processes
take turns, so the ratio holds when the machine's speed drifts; the median of the ratios counts.
"""

import os
import statistics
import subprocess
import sys
import time

ROUNDS = 11
GOAL = 1.4

WATCH = """
import time
from PySide6.QtCore import QEvent, QObject, QTimer

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            # A zero timer runs after the paint events of this turn of the event loop.
            QTimer.singleShot(0, self.done)
        return False

    def done(self):
        print(time.monotonic(), flush=True)
        import os
        os._exit(0)
"""

BARE = """
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
import pyqtgraph
window = QMainWindow()
plot = pyqtgraph.PlotWidget()
plot.plot([1, 2, 3], [3, 1, 2])
window.setCentralWidget(plot)
window.resize(1440, 900)
watch = FirstPaint()
plot.viewport().installEventFilter(watch)
window.show()
app.exec()
"""

OURS = """
import gc
gc.disable()  # as gui.__main__ does; and so is the order
from gui.plain_imports import plain_imports
import gui.pages
from PySide6.QtWidgets import QApplication
with plain_imports():
    import gui.app as module
from gui.window.settings import Settings
import tempfile
app = QApplication([])
with tempfile.TemporaryDirectory() as folder:
    application = module.Application(app, settings=Settings(folder + "/s.ini"), autosave=False)
    watch = FirstPaint()
    application.window.installEventFilter(watch)
    application.show()
    app.exec()
"""


def seconds(script: str) -> float:
    start = time.monotonic()
    # A person's second start finds compiled modules; a machine set up for tests may forbid them.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    output = subprocess.run(
        [sys.executable, "-c", WATCH + script],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    ).stdout
    return float(output) - start


def test_time_to_first_painted_window():
    seconds(BARE), seconds(OURS)  # warm the file cache
    pairs = [(seconds(BARE), seconds(OURS)) for _ in range(ROUNDS)]
    ratios = [ours / bare for bare, ours in pairs]
    bare, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(ratios)
    print(f"\nfirst painted window: bare {bare:.3f} s, Rankscope {ours:.3f} s, ratio {ratio:.2f}")
    assert ratio <= GOAL
