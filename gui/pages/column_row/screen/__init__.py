"""What no declaration says of the Column-row page."""

from gui.pages.column_row.screen.screen import Screen

__all__ = ["Screen"]
