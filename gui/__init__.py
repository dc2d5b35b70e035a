"""The desktop window and command line of Rankscope."""

__version__ = "0.1.0"
