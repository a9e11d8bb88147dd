"""The services of Entente: each its own process, its own database, its own event log."""
