"""The Column-row page: a product from a few of its column-row pairs."""
