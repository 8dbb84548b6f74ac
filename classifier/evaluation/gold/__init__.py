"""Gold labels: what people say belongs where, from a table, a folder or the store's verdicts.

Start with `reading`; `table` and `front_matter` read the two kinds of source, `resolve` finds the
categories that the labels in them mean.
"""

from classifier.evaluation.gold.reading import Gold, from_front_matter, from_verdicts, merged, read

__all__ = ["Gold", "from_front_matter", "from_verdicts", "merged", "read"]
