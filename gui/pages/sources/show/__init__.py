"""What the Sources dock says in words."""
