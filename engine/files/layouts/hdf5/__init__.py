"""What HDF5 files keep: datasets, sparse matrices, packed numbers, and where they lie."""
