"""Files on disk and a progress that cancels, for all reader tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


class RecordingProgress:
    """Keeps what it is told; asks to stop after a number of reports."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.reports: list[tuple[float, str]] = []
        self.stop_after = stop_after

    @property
    def cancelled(self) -> bool:
        return self.stop_after is not None and len(self.reports) >= self.stop_after

    def report(self, fraction: float, text: str) -> None:
        self.reports.append((fraction, text))


@pytest.fixture
def make_progress() -> type[RecordingProgress]:
    return RecordingProgress


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of that name; text goes out as UTF-8 without newline translation."""

    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return _write
