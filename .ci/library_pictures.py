"""Pictures of the notes, the search and a report: what opens over a page, and what leaves it.

``python .ci/library_pictures.py FOLDER`` writes them, light and dark, in English and Chinese; those
of the report where Chromium is installed. ``--all`` takes both sizes of the window.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
WORDS = {"en": "probability", "zh_CN": "概率"}
PEOPLES = (("en", "light"), ("en", "dark"), ("zh_CN", "light"), ("zh_CN", "dark"))


def opened(language: str, theme: str, size: str, folder: Path) -> None:
    """Save the notes of Top-k and the search, each over the window."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

    import gui.pages  # noqa: F401  (before what comes after Qt)
    from gui.app import Application
    from gui.window.finding.panel import SearchPanel
    from gui.window.settings import Settings

    qt = QApplication.instance() or QApplication(["rankscope"])
    assert isinstance(qt, QApplication)
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(f"{place}/s.ini")
        settings.set_value("language", language)
        settings.set_value("theme", theme)
        application = Application(qt, settings=settings, autosave=False)
        window = application.window
        window.take_size(*(int(side) for side in size.split("x")))
        application.show()

        def rest(milliseconds: int = 300) -> None:
            loop = QEventLoop()
            QTimer.singleShot(milliseconds, loop.quit)
            loop.exec()
            if application.context.runner.is_busy():
                rest(100)

        def save(what: str) -> None:
            window.grab().save(str(folder / f"{what}-{language}-{theme}-{size}.png"))

        rest(1500)
        window.show_search()
        panel = window.findChildren(SearchPanel)[-1]
        panel.findChildren(QLineEdit)[0].setText(WORDS[language])
        rest(800)
        save("search")
        panel.close()
        window.show_notes()
        rest(800)
        notes = next(one for one in window.findChildren(QDialog) if one.isVisible())
        notes.grab().save(str(folder / f"notes-{language}-{theme}-{size}.png"))
        notes.close()
        window.close()


def reported(language: str, theme: str, size: str, folder: Path) -> None:
    """Save the first screen of a report as a browser shows it."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory() as place:
        out = Path(place, "report.html")
        command = [sys.executable, "-m", "gui", "report", str(_layer(Path(place)))]
        command += ["--figures", "spectrum,topk", "--language", language, "--out", str(out)]
        subprocess.run(command, check=True, cwd=ROOT)
        dark = ["--blink-settings=preferredColorScheme=0"] if theme == "dark" else []
        picture = folder / f"report-{language}-{theme}-{size}.png"
        subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *dark,
             f"--window-size={size.replace('x', ',')}", f"--screenshot={picture}", out.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip


def _layer(folder: Path) -> Path:
    import numpy as np

    random = np.random.default_rng(0)
    left, right = (np.linalg.qr(random.standard_normal((96, 96)))[0] for _ in range(2))
    path = folder / "q_proj.npy"
    np.save(path, left @ np.diag(np.arange(1, 97) ** -0.8) @ right.T)
    return path


def main(arguments: list[str]) -> int:
    """Take the pictures; return the exit status."""
    folder = Path(next(one for one in arguments if not one.startswith("-")))
    folder.mkdir(parents=True, exist_ok=True)
    sizes = ("1440x900", "1024x768") if "--all" in arguments else ("1440x900",)
    for size in sizes:
        for language, theme in PEOPLES:
            opened(language, theme, size, folder)
            if CHROMIUM is not None:
                reported(language, theme, size, folder)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
