"""What every service stands on: small parts without business words, and the published events."""
