"""The rules of partnerships, in plain Python."""
