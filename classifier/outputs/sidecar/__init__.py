"""What is known of an article as a JSON file beside it, and read back: docs/sidecars.md.

The layout is one that sites have used before: an object by category title, scores from 0 to 100.
Entries of ours have the same keys and more; those of before are read, too.
"""

from classifier.outputs.sidecar.names import FORMS, keys, name, stem
from classifier.outputs.sidecar.reading import EARLIER, Earlier, Own, Sidecar, SidecarError, parse
from classifier.outputs.sidecar.writing import entries, to_text

__all__ = [
    "EARLIER",
    "FORMS",
    "Earlier",
    "Own",
    "Sidecar",
    "SidecarError",
    "entries",
    "keys",
    "name",
    "parse",
    "stem",
    "to_text",
]
