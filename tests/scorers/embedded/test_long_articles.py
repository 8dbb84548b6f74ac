from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from support.embedded import BAKING, SPACE, Kept, judge

from classifier import Article, Classifier
from classifier.content import passages
from classifier.models import READ, Category, Passage, Taxonomy
from classifier.project import Project
from classifier.scorers.embedded import encoding, quotes
from classifier.scorers.embedded.encoding import REST_AT_MOST, ArticleTexts
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.scorer import EmbeddedScorer

BREAD = Category(id="tags/bread", kind="tags", title="Bread", description="Baking loaves.")
PARAGRAPH = "Flour, water and salt become bread in a hot oven, and the number is {}. " * 12


def book(number: int) -> str:
    return "\n\n".join(PARAGRAPH.format(*[n] * 12) for n in range(number))


def test_a_short_article_is_read_whole() -> None:
    body = book(ModelFiles.find().recipe.beginning // len(PARAGRAPH))
    parts = ArticleTexts.of(Article(id="a", title="A", body=body))
    assert parts.read == parts.passages == passages.split(body)


def test_of_a_longer_one_the_beginning_is_read_and_one_passage_in_ten_of_the_rest() -> None:
    body = book(103)
    parts = ArticleTexts.of(Article(id="a", title="A", body=body))
    assert parts.passages == passages.split(body)
    places = [parts.passages.index(passage) for passage in parts.read]
    assert places == [0, 1, 2, *range(12, 103, 10)]
    assert parts.texts == ["A", *(passage.text for passage in parts.read)]


def test_of_a_book_a_fixed_number_of_passages_is_read_from_beginning_to_end() -> None:
    parts = ArticleTexts.of(Article(id="a", title="A", body=book(2000)))
    places = [parts.passages.index(passage) for passage in parts.read]
    gaps = {after - before for before, after in itertools.pairwise(places[3:])}
    assert len(places) <= REST_AT_MOST + 3
    assert places[-1] >= len(parts.passages) - 40
    assert len(gaps) == 1


def test_words_count_wherever_they_are(scorer: EmbeddedScorer) -> None:
    without, with_it = (
        judge(scorer, Article(id="a", title="A", body=f"{book(12)}\n\n{end}"), SPACE)[0]
        for end in ("And that is all.", "Space flight is another story.")
    )
    assert "is mentioned" in without.reasoning
    assert "appears once in the text" in with_it.reasoning
    assert "of the 3 passages read of 12" in with_it.reasoning
    assert with_it.confidence > without.confidence


@pytest.mark.slow
def test_what_is_read_and_judged_does_not_depend_on_the_other_categories(
    scorer: EmbeddedScorer, embedded_texts: list[str]
) -> None:
    article = Article(id="a", title="Bread", body=book(30))
    alone = judge(scorer, article, BREAD)
    read = list(embedded_texts)
    kept = Kept()
    cached = scorer.with_cache(kept)
    assert judge(cached, article, BREAD) == alone
    embedded_texts.clear()
    assert judge(cached, article, BREAD, SPACE, BAKING)[0] == alone[0]
    assert not {text for text in embedded_texts if text in article.body}
    assert any(text in article.body for text in read)


def test_the_result_says_how_much_was_read_also_when_it_comes_from_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(encoding, "REST_AT_MOST", 2)
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "bread.md").write_text("---\ntitle: Bread\n---\n")
    site = tmp_path / "site"
    site.mkdir()
    (site / "long.md").write_text(book(80))
    (site / "ordinary.md").write_text(book(20))
    expected = ("very long: the sentence model read 5 % of it, spread evenly",)
    with Project.open(categories=tmp_path / "tags") as project:
        run = project.run(site)
        found = {Path(result.article).name: result.notes for result in run.results()}
    assert found == {"long.md": expected, "ordinary.md": ()}
    result = Classifier(Taxonomy(categories=(BREAD,)), EmbeddedScorer()).classify(book(80))
    assert result.notes == expected
    assert result.judgements[0].aspects[READ] == 0.05


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
