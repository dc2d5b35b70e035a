"""What programs print in place of a table, and lines of their own above one."""
