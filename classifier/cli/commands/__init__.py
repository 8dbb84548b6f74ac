"""The commands and their options. Imports nothing that `--help` does not need."""
