"""Partners: who they are, whether we may work with them, and what they need."""
