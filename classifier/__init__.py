"""Classify articles against categories that are described in Markdown."""
