"""What a file, a disk, a session or a picture may do to a running program: tried from outside."""
