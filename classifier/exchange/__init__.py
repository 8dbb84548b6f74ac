"""Pairs to look at, and what people said of them, in the formats of annotation tools."""
