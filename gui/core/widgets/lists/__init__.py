"""What lists things: rows to tick, tables, grids of numbers, and the order in which they stand."""
