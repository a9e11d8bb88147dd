"""How fast it is, beside what else one could use: `make bench`; see docs/performance.md."""
