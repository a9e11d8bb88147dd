"""What settings accept: each function takes the text that is set, and raises ValueError otherwise.

The error completes the sentence "it must be …".
"""
