from __future__ import annotations

import os
from pathlib import Path
from typing import IO

import pytest

from classifier.content.articles import from_bytes, from_text, read
from classifier.errors import UsageError
from classifier.models import Article, Failure, FailureReason

TEXT = "---\ntitle: Knots\nsummary: How to tie.\n---\n# Bowline\n\nTie it twice.\n"


def article(text: str, name: str = "posts/a-note.md") -> Article:
    found = from_text(text, id=name)
    assert isinstance(found, Article)
    return found


def failure(data: bytes) -> Failure:
    found = from_bytes(data, id="posts/a.md")
    assert isinstance(found, Failure)
    assert found.message.startswith("'posts/a.md'")
    assert "\n" not in found.message
    return found


def test_a_file_is_read_with_its_title_description_and_body(tmp_path):
    file = tmp_path / "knots.md"
    file.write_text(TEXT, encoding="utf-8")
    found = read(file)
    assert found == Article(
        id=file.as_posix(),
        title="Knots",
        description="How to tie.",
        body="# Bowline\n\nTie it twice.\n",
        body_start=TEXT.index("# Bowline"),
    )


@pytest.mark.parametrize("name", ["index.md", "index.mdx", "index.markdown"])
def test_a_bundle_folder_is_its_index_file_under_the_folders_name(tmp_path, name):
    folder = tmp_path / "tie-a-bowline"
    folder.mkdir()
    (folder / name).write_text("Tie it twice.", encoding="utf-8")
    found = read(folder)
    assert isinstance(found, Article)
    assert (found.id, found.title) == (folder.as_posix(), "Tie A Bowline")


def test_a_path_as_given_is_the_id(tmp_path, monkeypatch):
    (tmp_path / "a.md").write_text("Text.", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = read(Path("a.md"))
    assert isinstance(found, Article)
    assert found.id == "a.md"


def test_a_path_with_nothing_there_is_an_error_of_the_call(tmp_path):
    with pytest.raises(UsageError, match=r"no such file or folder: '.*nowhere\.md'"):
        read(tmp_path / "nowhere.md")


def test_a_folder_without_an_index_is_a_failure_that_says_so(tmp_path):
    (tmp_path / "_index.md").write_text("A section.", encoding="utf-8")
    found = read(tmp_path)
    assert isinstance(found, Failure)
    assert found.reason is FailureReason.UNREADABLE
    assert "without index.md" in found.message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_forbidden_file_is_a_failure(tmp_path):
    file = tmp_path / "a.md"
    file.write_text("Text.", encoding="utf-8")
    file.chmod(0)
    found = read(file)
    assert isinstance(found, Failure)
    assert found.reason is FailureReason.UNREADABLE


def test_a_failing_disk_is_a_failure(tmp_path, monkeypatch):
    def fail(self: Path, mode: str) -> IO[bytes]:
        raise OSError(5, "Input/output error")

    file = tmp_path / "a.md"
    file.touch()
    monkeypatch.setattr(Path, "open", fail)
    found = read(file)
    assert isinstance(found, Failure)
    assert found.reason is FailureReason.UNREADABLE
    assert "Input/output error" in found.message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"caf\xe9", "byte 0xe9 at offset 3"),
        ("Text.".encode("utf-16"), "UTF-16"),
        ("Text.".encode("utf-32"), "UTF-32"),
        (b"Te\x00xt", "zero byte at offset 2"),
    ],
)
def test_what_is_not_utf8_is_a_failure_that_says_what_it_is(data, words):
    found = failure(data)
    assert found.reason is FailureReason.NOT_UTF8
    assert words in found.message


@pytest.mark.parametrize(
    "text", ["", " \n", "---\ntitle: x\n---\n", "```\ncode\n```", "![](x.png)\n"]
)
def test_text_without_a_word_of_prose_is_empty_even_with_a_title(text):
    assert failure(text.encode()).reason is FailureReason.EMPTY


def test_broken_front_matter_is_a_failure_with_its_line():
    found = failure(b"---\ntitle: [a\n---\nText.")
    assert found.reason is FailureReason.FRONT_MATTER
    assert "at line 3: " in found.message


def test_offsets_count_the_byte_order_mark():
    data = ("\ufeff" + TEXT).encode()
    found = from_bytes(data, id="a.md")
    assert isinstance(found, Article)
    assert data.decode()[found.body_start :] == found.body


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\nTITLE: '  Two\n  words '\n---\n# Other\n\nText.", "Two words"),
        ("---\ntitle: 2021\n---\n## Second\n\n# First\n\nText.", "First"),
        ("## Only *second*\n\nText.", "Only second"),
        ("Text.", "A Note"),
    ],
)
def test_the_title_is_the_front_matters_else_a_headings_else_the_files(text, title):
    assert article(text).title == title


def test_standard_input_without_a_title_has_none():
    assert article("Text.", "-").title == ""


@pytest.mark.parametrize(
    ("meta", "description"),
    [
        ("Description: a\nsummary: b", "a"),
        ("description: ''\nsummary: b", "b"),
        ("description: [a]\nabstract: b", "b"),
        ("subtitle: s", "s"),
        ("other: o", ""),
    ],
)
def test_the_description_is_the_first_text_among_the_usual_keys(meta, description):
    assert article(f"---\n{meta}\n---\nText.").description == description


def test_a_name_that_is_not_utf8_and_stray_escapes_leave_a_title_that_can_be_read():
    assert (
        article("Text.", os.fsdecode(b"caf\xe9-noir.md")).title
        == "Caf\N{REPLACEMENT CHARACTER} Noir"
    )
    meta = r'{"title": "A \ud83d b", "summary": "\udc00"}'
    found = article(f"{meta}\n\nText.")
    assert (found.title, found.description) == (
        "A \N{REPLACEMENT CHARACTER} b",
        "\N{REPLACEMENT CHARACTER}",
    )
