"""What the figures of a program are, written down and compared with another one's."""
