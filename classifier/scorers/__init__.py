"""Scorers: anything that scores articles against categories.

Start with `base` (the protocol) and `cached` (the store in front of a scorer). `embedded` judges
offline, `openai` with a language model, `cascade` with both in turn, `batch` through a Batch API.
"""
