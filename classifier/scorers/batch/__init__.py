"""Judging by the Batch API: questions go out in files, answers come within a day, at half price.

The same bodies as live calls (`requests`), the same reading of answers (`responses`, `outcomes`),
the same records. Everything that is sent is on record before, with all that its answers are read
with: definitions, texts and settings may change meanwhile, or be gone.
"""
