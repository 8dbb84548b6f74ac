"""Sidecars of a site: what is on record goes beside the articles, and comes back from there."""

from classifier.sidecars.beside import any_beside, article_of, judged_by
from classifier.sidecars.importing import Imported, take_in
from classifier.sidecars.writing import Written, write

__all__ = ["Imported", "Written", "any_beside", "article_of", "judged_by", "take_in", "write"]
