"""What no declaration says of the Position page."""

from gui.pages.position.screen.screen import Screen

__all__ = ["Screen"]
