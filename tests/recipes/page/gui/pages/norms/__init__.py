"""The Row norms page: how large each row of the selected matrix is."""
