"""The Top-k page: soft Top-k operators compared on one row of scores."""
