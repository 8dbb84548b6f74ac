"""The health of a vocabulary, by the labels that articles have.

`suggestions` says which categories to merge, retire and split; `groups` finds articles that are
about the same, where a category is missing.
"""
