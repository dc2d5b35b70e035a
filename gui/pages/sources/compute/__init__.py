"""What the Sources dock has done off the GUI thread."""
