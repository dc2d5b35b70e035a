"""The Position page: what attention knows of where a token stands."""
