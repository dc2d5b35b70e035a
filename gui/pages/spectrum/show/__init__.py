"""What the Spectrum page shows: its plots, tables and read-outs, and their words."""
