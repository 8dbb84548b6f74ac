"""Label every article below a folder: `python examples/pipeline.py [FOLDER]`."""

import sys
from pathlib import Path

from classifier import Classifier

folder = Path(*sys.argv[1:2] or [Path(__file__).parent])
articles = (path for path in sorted(folder.rglob("*.md")) if path.name != "README.md")
classifier = Classifier.from_settings()  # classify.toml, CLASSIFY_*, else the example categories
for result in classifier.classify_many(articles):
    for kind, titles in result.labels.items():
        print(result.article, kind, ", ".join(titles), sep="\t")
    for failure in result.failures:
        print(result.article, failure.reason, failure.message, sep="\t", file=sys.stderr)
