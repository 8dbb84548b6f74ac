"""What a site already says: its generator, the labels its editors use, its definitions.

Read-only: nothing here writes, judges or prints.
"""
