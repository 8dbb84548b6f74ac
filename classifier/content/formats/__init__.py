"""Readers of files other than Markdown: each turns a file into front matter and a Markdown body."""
