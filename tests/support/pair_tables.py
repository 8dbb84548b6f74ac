"""Small tables of pairs to promise things about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from classifier.models import Category, Rule, Taxonomy, Verdict
from classifier.review.table import PairTable, ScannedArticle

NAMES = ("bread", "cheese", "wine")


def table(
    rows: Sequence[Sequence[float | None]],
    *,
    verdicts: Mapping[int, Mapping[str, bool]] | None = None,
    excluded: Sequence[tuple[int, int]] = (),
    rule: Rule | None = None,
    digests: Sequence[str] = (),
    names: Sequence[str] = NAMES,
) -> PairTable:
    """Return a table of confidences; None where nothing has judged the pair."""
    categories = tuple(Category(id=f"tags/{n}", kind="tags", title=n.title()) for n in names)
    taxonomy = Taxonomy(categories=categories, default_rule=rule or Rule())
    made = PairTable(taxonomy, height=len(rows))
    for n, row in enumerate(rows):
        pairs = [
            (category.id, confidence, taxonomy.minimum(category), (n, column) in excluded)
            for column, (category, confidence) in enumerate(zip(categories, row, strict=True))
            if confidence is not None
        ]
        digest = digests[n] if digests else f"{5 * n + 1:08x}"
        made.add(ScannedArticle(f"{n}.md", digest), pairs, given((verdicts or {}).get(n, {})))
    return made


def given(accepted: Mapping[str, bool], *, at: float = 10.0) -> dict[str, Verdict]:
    """Return verdicts by category id; `accepted` is by name."""
    return {
        f"tags/{name}": Verdict(category=f"tags/{name}", accepted=yes, at=at)
        for name, yes in accepted.items()
    }
