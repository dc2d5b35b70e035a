"""What no declaration says of the Checkpoint page."""

from gui.pages.checkpoint.screen.screen import Screen

__all__ = ["Screen"]
