"""The rules of curriculum consultancy: who advises, on which plan, for how many days, with what."""
