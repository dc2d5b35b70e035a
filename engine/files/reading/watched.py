"""A file whose reading can be watched and stopped, also while a library does the reading."""

from __future__ import annotations

import io

from engine.jobs import Progress, checkpoint


class WatchedFile(io.BufferedReader):
    """Reports how far the reading is, and raises `Cancelled` in the midst of it when asked to.

    Parameters
    ----------
    path : str
        The file.
    progress : Progress or None
        Told how far the reading is; asked whether to stop.
    text : str
        What is being done, as a short phrase.
    """

    def __init__(self, path: str, progress: Progress | None, text: str) -> None:
        # The reader closes the FileIO with itself.
        super().__init__(io.FileIO(path))
        self._progress = progress
        self._text = text
        self._size = self.seek(0, io.SEEK_END)
        self.seek(0)

    def read(self, size: int | None = -1) -> bytes:
        """Return up to ``size`` bytes; the rest of the file for None and negative sizes."""
        position = self.tell()
        checkpoint(self._progress, min(1.0, position / max(1, self._size)), self._text)
        # Python sets aside what is asked for, and a damaged header asks for gigabytes.
        rest = max(0, self._size - position)
        return super().read(rest if size is None or size < 0 else min(size, rest))
