"""Sidecars: a JSON file beside each article that holds its judgements and verdicts.

Start with `writing.write` and `importing.import_sidecars`. `parsing` and `serializing` are the
format (docs/sidecars.md), `naming` and `scales` its names and numbers, `paths` and `files`
find and read the files, `stored` tells what is in the store already.

The layout is one that sites used before: an object by category title with scores from 0 to 100.
Our entries have the same keys and more; older entries are read too.
"""

from classifier.sidecars.files import article_of
from classifier.sidecars.importing import ImportResult, import_sidecars
from classifier.sidecars.paths import SidecarPaths
from classifier.sidecars.writing import WriteResult, write

__all__ = [
    "ImportResult",
    "SidecarPaths",
    "WriteResult",
    "article_of",
    "import_sidecars",
    "write",
]
