"""The Top-k page on the screen: what no declaration says."""

from gui.pages.topk.screen.screen import Screen

__all__ = ["Screen"]
