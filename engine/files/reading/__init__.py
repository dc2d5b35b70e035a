"""What every reader needs: the source, entries, the disk, memory, maps, progress."""
