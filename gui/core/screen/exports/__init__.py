"""Exporting figures: the dialog, its choices, panels, and the clipboard."""
