"""The rules of contracts and of their day budgets, in plain Python."""
