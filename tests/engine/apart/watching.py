"""A progress that is cancelled after so many looks, and whether a process lives."""

from __future__ import annotations

from pathlib import Path


class Watched:
    """Keeps what it hears; is cancelled after it has been asked so often."""

    def __init__(self, asks=10**9):
        self.asks, self.heard = asks, []

    @property
    def cancelled(self):
        self.asks -= 1
        return self.asks < 0

    def report(self, fraction, text):
        self.heard.append(text)


def lives(pid):
    """Return whether a process lives, as far as the system tells."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
