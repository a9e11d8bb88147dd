"""The contract service: agreements with partners from first draft to their end."""
