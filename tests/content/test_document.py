from __future__ import annotations

import gc
import pickle
from pathlib import Path

import pytest

from classifier.content import document, passages
from classifier.content.document import Document
from classifier.content.front_matter.editor import Editor
from classifier.models import Article, Failure, FailureReason

TEXT = "---\ntitle: Ropes\ntags: [knots]\n---\n# Bowlines\n\nHow to **tie** one.\n"


@pytest.fixture
def cleanings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bodies that prose was made of."""
    bodies: list[str] = []
    real = passages.prose

    def counted(body: str) -> passages.Prose:
        bodies.append(body)
        return real(body)

    monkeypatch.setattr(passages, "prose", counted)
    return bodies


def opened(text: str = TEXT, name: str = "ropes.md") -> Document:
    found = document.from_text(text, id=name)
    assert isinstance(found, Document)
    return found


def test_a_document_has_the_file_its_front_matter_and_its_article(tmp_path: Path) -> None:
    path = tmp_path / "ropes.md"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    found = document.read(path)
    assert isinstance(found, Document)
    assert found.data == path.read_bytes()
    assert found.front_matter.meta == {"title": "Ropes", "tags": ["knots"]}
    assert isinstance(found.article, Article)
    assert (found.article.id, found.article.title) == (path.as_posix(), "Ropes")
    assert found.text[found.article.body_start :] == found.article.body


def test_front_matter_can_be_read_where_there_is_nothing_to_judge() -> None:
    found = opened("---\ntags: [a]\n---\n")
    assert found.front_matter.meta == {"tags": ["a"]}
    assert isinstance(found.article, Failure)
    assert found.article.reason is FailureReason.EMPTY


def test_the_prose_of_an_article_is_made_once_while_it_is_held(cleanings: list[str]) -> None:
    found = opened()
    assert isinstance(found.article, Article)
    assert document.prose(found.article) is found.prose
    assert document.prose(found.article) is document.prose(found.article)
    assert cleanings == [found.article.body]


def test_an_article_made_by_hand_has_prose_too(cleanings: list[str]) -> None:
    article = Article(id="-", body="Some *text*.")
    assert document.prose(article).text == document.prose(article).text == "Some text."
    assert len(cleanings) == 1


def test_prose_is_let_go_with_its_article_and_does_not_travel_with_it() -> None:
    article = Article(id="let-go", body="Some *text*.")
    bare = len(pickle.dumps(article))
    document.prose(article)
    assert len(pickle.dumps(article)) == bare
    held = len(document._PROSE)
    del article
    gc.collect()
    assert len(document._PROSE) == held - 1


def test_an_edited_document_keeps_the_prose_of_its_body(cleanings: list[str]) -> None:
    before = opened()
    editor = Editor(before.text, before.front_matter)
    editor.set_labels("tags", ["knots", "sea"])
    assert isinstance(before.article, Article)
    after = before.edited(*editor.finish())
    assert isinstance(after.article, Article)
    assert after.article.digest == before.article.digest
    assert after.text == TEXT.replace("[knots]", "[knots, sea]")
    assert len(cleanings) == 1
    other = document.from_text(after.text, id=before.id)
    assert isinstance(other, Document)
    assert other.article == after.article
