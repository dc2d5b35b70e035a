"""The one search of the program: its index, what a person likes, and the panel of Ctrl+K."""
