"""The reading of plain rows as machine code: what it is made from, and how it is loaded."""
