"""The Sources dock on the screen."""

from gui.pages.sources.screen.screen import Screen

__all__ = ["Screen"]
