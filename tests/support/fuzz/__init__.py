"""Checks of the engine on ugly input, drawn by seed; see ``__main__``."""
