"""The keyboard: how the focus walks a window, where it is seen, and which keys a field may keep."""
