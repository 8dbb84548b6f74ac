"""Scoring through the Batch API: requests go out in files, answers come within 24 hours.

Batches send the same bodies as live calls (`requests`), read answers in the same way (`responses`,
`outcomes`) and store the same records. Everything is stored before it is sent, with all that its
answers are read with: definitions, texts and settings may change meanwhile, or be gone.
"""
