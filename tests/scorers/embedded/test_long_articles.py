from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from classifier import Article, Classifier
from classifier.content import passages
from classifier.models import READ, Category, Passage, Taxonomy
from classifier.project import Project
from classifier.scorers.embedded import encoding, quotes
from classifier.scorers.embedded.encoding import PASSAGES_AT_MOST, ArticleTexts
from classifier.scorers.embedded.scorer import EmbeddedScorer

BREAD = Category(id="tags/bread", kind="tags", title="Bread", description="Baking loaves.")
PARAGRAPH = "Flour, water and salt become bread in a hot oven, and the number is {}. " * 12


def book(number: int) -> str:
    return "\n\n".join(PARAGRAPH.format(*[n] * 12) for n in range(number))


def test_an_ordinary_article_is_read_whole() -> None:
    body = book(PASSAGES_AT_MOST)
    parts = ArticleTexts.of(Article(id="a", title="A", body=body))
    assert parts.passages == passages.split(body)
    assert parts.share == 1


def test_of_a_longer_one_passages_are_taken_from_beginning_to_end() -> None:
    body = book(3 * PASSAGES_AT_MOST)
    every = passages.split(body)
    parts = ArticleTexts.of(Article(id="a", title="A", body=body))
    assert len(parts.passages) == PASSAGES_AT_MOST
    places = [every.index(passage) for passage in parts.passages]
    gaps = {after - before for before, after in itertools.pairwise(places)}
    assert places[0] == 0
    assert places[-1] >= len(every) - 4
    assert gaps <= {2, 3, 4}


def test_the_result_says_how_much_was_read_also_when_it_comes_from_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(encoding, "PASSAGES_AT_MOST", 4)
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "bread.md").write_text("---\ntitle: Bread\n---\n")
    site = tmp_path / "site"
    site.mkdir()
    (site / "long.md").write_text(book(40))
    (site / "short.md").write_text(book(4))
    expected = ("too long to read whole: judged by 10 % of it, spread evenly",)
    with Project.open(categories=tmp_path / "tags") as project:
        run = project.run(site)
        found = {Path(result.article).name: result.notes for result in run.results()}
    assert found == {"long.md": expected, "short.md": ()}
    result = Classifier(Taxonomy(categories=(BREAD,)), EmbeddedScorer()).classify(book(40))
    assert result.notes == expected
    assert result.judgements[0].aspects[READ] == 0.1


def test_the_sentences_of_a_passage_are_found_as_by_looking_at_all() -> None:
    body = (
        "# One\n\n"
        + book(6).replace("bread in", "bread.\n\n- In")
        + "\n\n## Two\n\nThe end is here."
    )
    sentences = passages.sentences(body)

    def slowly(passage: Passage) -> list[int]:
        return [
            i for i, s in enumerate(sentences) if passage.start <= s.start and s.end <= passage.end
        ]

    for limit in (60, 200, 900):
        for passage in passages.split(body, limit=limit):
            assert quotes._inside(sentences, passage) == slowly(passage)
