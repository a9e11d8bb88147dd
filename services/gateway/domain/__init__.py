"""The rules of the gateway: who may be let in."""
