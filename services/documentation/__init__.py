"""The reference pages, made from the code that they describe; `entente docs` writes them."""
