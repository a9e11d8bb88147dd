"""Each measure in a module of its own: `measure(ground, scale)` gives figures by their names."""
