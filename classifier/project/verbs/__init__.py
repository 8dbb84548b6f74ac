"""The verbs of `Project`, a class for each group of them."""
