"""The Sources dock: open files as a tree, what of them is selected, search."""
