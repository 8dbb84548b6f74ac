"""Category definitions: read, named and chosen."""

from classifier.taxonomy.loading import load, same_titles, select, unknown_related

__all__ = ["load", "same_titles", "select", "unknown_related"]
