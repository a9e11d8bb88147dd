"""Curriculum consultancy: consultants, engagements, days and deliverables."""
