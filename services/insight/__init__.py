"""Insight: what all services together have to tell, as timelines and counts."""
