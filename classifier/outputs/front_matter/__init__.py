"""Labels and numbers in a file's own front matter, where only lines of their key change."""

from classifier.outputs.front_matter.editing import Wanted, edit, edit_scalar, labels
from classifier.outputs.front_matter.model import EditError
from classifier.outputs.front_matter.target import with_block

__all__ = ["EditError", "Wanted", "edit", "edit_scalar", "labels", "with_block"]
