"""What is computed off the GUI thread, and who asks for it."""
