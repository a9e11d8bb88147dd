"""What insight makes of everybody's events, in plain Python."""
