"""The rules of faculty development, in plain Python."""
