"""What the Position page shows: its plots, tables and read-outs, and their words."""
