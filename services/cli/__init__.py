"""The command line `entente`, a module for each group of commands."""
