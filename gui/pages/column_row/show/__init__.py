"""What the Column-row page shows: its plots, tables and read-outs, and their words."""
