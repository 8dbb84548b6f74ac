"""A site as NKDAgility.com keeps its own: its settings, which tests complete."""

from __future__ import annotations

from typing import Final

CONTENT: Final = """\
categories = ["content/categories", "content/tags", "content/concepts", "content/marketing"]
content = ["content"]
"""
RULES: Final = """\
[rules.categories]
minimum = 0.75
at_most = 3
fallback = "Uncategorized"
[rules.tags]
minimum = 0.80
[rules.concepts]
minimum = 0.80
at_most = 1
"""
DERIVED: Final = """\
[derived.weight]
categories = ["Kanban", "Scrum"]
at_zero = 1000
at_one = 0
at_any_zero = 1000
[derived.sitemap.priority]
categories = ["Kanban"]
at_zero = 0.5
at_one = 0.7
decimals = 1
"""
