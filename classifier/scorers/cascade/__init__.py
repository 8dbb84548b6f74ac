"""A cascade: a cheap scorer judges every pair, and a language model only those that may be labels.

Start with `scorer.Cascade`; `deferral` decides which pairs go to the language model.
"""
