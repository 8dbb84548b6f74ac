"""What a reviewer sees of an article."""

from __future__ import annotations

from pathlib import Path

from classifier.content.rendering import Element, Marked
from classifier.project.review import Review


def test_an_article_has_its_text_its_pairs_and_what_is_in_the_file(review: Review) -> None:
    Path("lunch.md").write_text(
        "---\ntags: [cheese, lunch]\n---\nBread, more bread and bread again. Cheese too.\n"
    )
    article = review.article("lunch.md")
    assert article.title == "Lunch"
    assert article.file_labels == {"tags": ("cheese", "lunch"), "concepts": ()}
    bread, cheese, *rest = article.pairs
    assert (bread.category.title, bread.label, bread.asked, bread.in_file) == (
        "Bread",
        True,
        True,
        False,
    )
    assert (cheese.category.title, cheese.label, cheese.asked, cheese.in_file) == (
        "Cheese",
        False,
        True,
        True,
    )
    assert cheese.why == "0.45 is below the minimum of 0.50"
    assert not any(pair.asked or pair.label for pair in rest)
    assert all(pair.listed for pair in article.pairs)  # few enough
    assert bread.judgement is not None
    assert bread.judged_at > 0
    (paragraph,) = article.body
    assert isinstance(paragraph, Element)
    assert paragraph.children[0] == Marked("Bread", ("quote 0",))
