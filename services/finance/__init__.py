"""Finance: what contracts are expected to bring, what was invoiced, and what was paid."""
