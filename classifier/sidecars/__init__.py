"""Sidecars: stored judgements and verdicts in files beside the articles, and back."""

from classifier.sidecars.files import any_sidecar, article_of, judged_by
from classifier.sidecars.importing import ImportResult, import_sidecars
from classifier.sidecars.writing import WriteResult, write

__all__ = [
    "ImportResult",
    "WriteResult",
    "any_sidecar",
    "article_of",
    "import_sidecars",
    "judged_by",
    "write",
]
