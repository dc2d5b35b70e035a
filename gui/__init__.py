"""The desktop window and command line of Rankscope."""
