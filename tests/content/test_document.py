from __future__ import annotations

import gc
import os
import pickle
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from classifier.content import document, markdown
from classifier.content.document import Document, Documents
from classifier.content.front_matter.editor import Editor
from classifier.errors import UsageError
from classifier.models import Article, Failure, FailureReason

TEXT = "---\ntitle: Ropes\ntags: [knots]\n---\n# Bowlines\n\nHow to **tie** one.\n"


@pytest.fixture
def cleanings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bodies that prose was made of."""
    bodies: list[str] = []
    real = markdown.prose

    def counted(body: str) -> markdown.Prose:
        bodies.append(body)
        return real(body)

    monkeypatch.setattr(markdown, "prose", counted)
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


def test_a_file_without_an_end_is_a_failure_of_that_article(tmp_path: Path) -> None:
    path = tmp_path / "endless.md"
    path.symlink_to("/dev/zero")
    found = document.read(path)
    assert isinstance(found, Failure)
    assert found.reason is FailureReason.UNREADABLE
    assert "is larger than 64 MB" in found.message


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
    gc.collect()
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


# --- files that are read once ---------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ropes.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bytes of the files that were read, all of which were written an hour ago."""
    found: list[bytes] = []
    real = document.from_bytes

    def counted(data: bytes, **name: str) -> Document | Failure:
        found.append(data)
        return real(data, **name)

    monkeypatch.setattr(document, "from_bytes", counted)
    later = time.time_ns() + 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    return found


def test_a_file_is_read_once_while_it_stays_as_it_is(file: Path, readings: list[bytes]) -> None:
    documents = Documents()
    assert documents.read(file) is documents.read(file)
    assert len(readings) == 1
    documents.clear()
    documents.read(file)
    assert len(readings) == 2


def test_a_document_that_nobody_else_asks_for_is_not_kept(
    file: Path, readings: list[bytes]
) -> None:
    documents = Documents()
    first = documents.read(file, keep=False)
    kept = documents.read(file)
    assert first == kept
    assert first is not kept
    assert documents.read(file, keep=False) is kept
    assert len(readings) == 2


def test_a_file_that_has_changed_is_read_again(file: Path, readings: list[bytes]) -> None:
    documents = Documents()
    first, status = documents.read(file), file.stat()
    file.write_text(TEXT.replace("one", "two"), encoding="utf-8")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    second = documents.read(file)
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert second.text == first.text.replace("one", "two")
    file.unlink()
    with pytest.raises(UsageError):
        documents.read(file)


def test_a_file_that_was_changed_a_moment_ago_is_read_again(
    file: Path, readings: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: file.stat().st_mtime_ns + 1000)
    documents = Documents()
    documents.read(file)
    documents.read(file)
    assert len(readings) == 2


def test_coarse_time_stamps_take_longer_to_be_trusted() -> None:
    second = 10**9
    for digits, after, settled in [
        (0, second, False),
        (0, 3 * second, True),
        (123, second // 100, False),
        (123, second // 10, True),
    ]:
        changed = SimpleNamespace(
            st_dev=1, st_ino=1, st_size=1, st_mtime_ns=1, st_ctime_ns=50 * second + digits
        )
        stamp = document.Stamp.of(changed, now_ns=50 * second + after)
        assert stamp.settled is settled, (digits, after)


def test_what_is_kept_is_bounded_and_the_first_stay(tmp_path: Path, readings: list[bytes]) -> None:
    documents = Documents(most_bytes=30_000)
    paths = [tmp_path / f"{number}.md" for number in range(9)]
    for path in paths:
        path.write_text("Word. " * 400, encoding="utf-8")
    for _ in range(2):
        for path in paths:
            documents.read(path)
    assert len(readings) == 9 + 7
    paths[0].write_text("Changed.", encoding="utf-8")
    readings.clear()
    for path in paths[:3]:
        documents.read(path)
    assert [data[:7] for data in readings] == [b"Changed", b"Word. W"]


def test_what_cannot_be_read_is_tried_again(file: Path, readings: list[bytes]) -> None:
    file.write_bytes(b"\xe9")
    documents = Documents()
    assert isinstance(documents.read(file), Failure)
    file.write_text(TEXT, encoding="utf-8")
    assert isinstance(documents.read(file), Document)


@pytest.mark.parametrize("name", ["table.csv", "sheet.XLSX", "paper.rtf"])
def test_what_is_plainly_no_markdown_is_a_failure_that_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("<p>Bread and butter.</p>\n")
    failure = document.read(tmp_path / name)
    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.UNREADABLE
    assert "not Markdown" in failure.message
    assert name in failure.message


def test_plain_text_without_a_known_ending_is_read(tmp_path: Path) -> None:
    for name in ("note.txt", "README"):
        (tmp_path / name).write_text("Bread and butter.\n")
        assert not isinstance(document.read(tmp_path / name), Failure)


def test_a_file_in_a_language_has_its_suffix_in_no_title() -> None:
    for name in ("bread.fr.md", "bread/index.fr.md", "bread/index.md"):
        article = opened("Plain words.\n", name).article
        assert isinstance(article, Article)
        assert article.title == "Bread"


def test_the_language_of_front_matter_wins_over_that_of_the_name_and_of_the_text() -> None:
    text = "Le boulanger du village nourrit son levain chaque matin.\n"
    for name, front_matter, code in (
        ("a.md", "", "fr"),
        ("a.es.md", "", "es"),
        ("a.es.md", "---\nlang: de\n---\n", "de"),
        ("a.es.md", "---\nlanguage: python\n---\n", "es"),
    ):
        article = opened(front_matter + text, name).article
        assert isinstance(article, Article)
        assert document.language_of(article) == code
