"""What stands above a plot: title, buttons, note, legend."""
