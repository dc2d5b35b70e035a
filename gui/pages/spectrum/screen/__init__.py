"""What no declaration says of the Spectrum page."""

from gui.pages.spectrum.screen.screen import Screen

__all__ = ["Screen"]
