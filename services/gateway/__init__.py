"""The gateway: the only door from outside. It owns API tokens and nothing else."""
