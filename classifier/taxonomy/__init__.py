"""Category definitions: read, named and chosen."""

from classifier.taxonomy.loading import load, names, same_titles, select, unknown_related

__all__ = ["load", "names", "same_titles", "select", "unknown_related"]
