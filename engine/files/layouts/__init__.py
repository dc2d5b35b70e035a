"""How the bytes of larger formats lie, where a format is more than a file or two share it."""
