"""The rules of finance in plain Python."""
