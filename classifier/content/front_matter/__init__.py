"""Labels and numbers in a file's own front matter, where only lines of their key change."""

from classifier.content.front_matter.editing import Wanted, edit, edit_scalar, labels
from classifier.content.front_matter.model import EditError
from classifier.content.front_matter.target import with_block

__all__ = ["EditError", "Wanted", "edit", "edit_scalar", "labels", "with_block"]
