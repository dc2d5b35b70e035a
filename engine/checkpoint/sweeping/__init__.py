"""All matrices of a checkpoint computed: rows, their cache, and threads or processes for them."""
