"""What people look at first, what that says of the labels, and what a threshold would change.

Pure: columns of numbers in, values out. `project/review.py` reads and writes.
"""
