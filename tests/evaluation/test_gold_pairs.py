from __future__ import annotations

from pathlib import Path

import numpy as np

from classifier.corpus import Corpus
from classifier.evaluation.gold import Gold
from classifier.evaluation.gold_pairs import GoldPairs, load
from classifier.models import ConfidenceKind, Judgement, Taxonomy
from classifier.store import JudgementSet, Store


def loaded(site: Path, taxonomy: Taxonomy, gold: Gold) -> GoldPairs:
    """As of a store in which `one.md` was judged 0.75 for all tags, and is excluded from wine."""
    with Store.open(site / "records.sqlite3") as store:
        corpus = Corpus(taxonomy.categories, store, home=site)
        scan = corpus.scan(gold.paths, scorer="me")
        one = scan.entries[0]
        judgements = {
            category.digest: Judgement(
                category=category.id,
                confidence=0.75,
                kind=ConfidenceKind.STATED,
                scorer="me",
                exclusion="grapes" if category.id == "tags/wine" else None,
            )
            for category in taxonomy.categories
            if category.kind == "tags"
        }
        store.add(JudgementSet(scorer="me", article=one.digest, judgements=judgements, judged_at=0))
        return load(gold, taxonomy, scan=scan, store=store)


def test_gold_stands_beside_what_is_on_record(site: Path, kitchen: Taxonomy) -> None:
    (site / "content" / "two.md").write_text("Other words.")
    gold = Gold(
        labels={
            "content/one.md": {"tags/wine": True, "tags/craft": False},
            "content/two.md": {"tags/wine": True},
        },
        source="gold.csv",
    )
    pairs = loaded(site, kitchen, gold)
    assert pairs.articles == ("content/one.md", "content/two.md")
    assert [c.id for c in pairs.categories] == ["tags/craft", "tags/rye-bread", "tags/wine"]
    assert pairs.known.tolist() == [[True, False, True], [False, False, True]]
    assert pairs.truth.tolist() == [[False, False, True], [False, False, True]]
    assert pairs.excluded.tolist() == [[False, False, True], [False, False, False]]
    np.testing.assert_array_equal(pairs.confidence, [[0.75] * 3, [np.nan] * 3])
    assert pairs.judged.tolist() == [[True, False, True], [False, False, False]]


def test_copies_of_a_text_share_its_record(site: Path, kitchen: Taxonomy) -> None:
    (site / "content" / "one.md").write_text("# Same\n\nWords.")
    (site / "content" / "two.md").write_text("# Same\n\nWords.")
    names = ("content/one.md", "content/two.md")
    gold = Gold(labels={name: {"tags/wine": True} for name in names}, source="gold.csv")
    assert loaded(site, kitchen, gold).judged.sum() == 2


def test_an_article_that_cannot_be_read_is_left_out(site: Path, kitchen: Taxonomy) -> None:
    (site / "content" / "two.md").write_bytes(b"\xff\xfe")
    names = ("content/one.md", "content/two.md")
    gold = Gold(labels={name: {"tags/wine": True} for name in names}, source="gold.csv")
    assert loaded(site, kitchen, gold).articles == ("content/one.md",)
