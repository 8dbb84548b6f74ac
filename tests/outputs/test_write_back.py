from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from classifier.content import articles
from classifier.content.front_matter import reading
from classifier.models import Article
from classifier.outputs import write_back
from classifier.outputs.label_merge import merge
from classifier.outputs.write_back import Edited, Edits, Refused

TEXT = "---\ntitle: Ropes\ntags:\n- knots\n---\nHow to tie a bowline.\n"
NEW = TEXT.replace("- knots\n", "- knots\n- Sailing\n")


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "ropes.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


def digest(path: Path) -> str:
    article = articles.read(path)
    assert isinstance(article, Article)
    return article.digest


def adding(*labels: str) -> Edits:
    return Edits(labels={"tags": partial(merge, ours=labels)})


def prepared(path: Path, edits: Edits) -> Edited:
    edited = write_back.prepare(path, edits, digest=digest(path))
    assert isinstance(edited, Edited), edited
    return edited


def refused(path: Path, edits: Edits, judged: str = "") -> str:
    before = path.read_bytes()
    result = write_back.prepare(path, edits, digest=judged or digest(path))
    assert isinstance(result, Refused)
    assert path.read_bytes() == before
    return result.message


def test_preparing_changes_nothing_on_disk_and_shows_what_writing_will(article: Path) -> None:
    edited = prepared(article, adding("Sailing"))
    assert article.read_text(encoding="utf-8") == TEXT
    assert edited.diff().splitlines()[2:] == [
        *("@@ -2,5 +2,6 @@", " title: Ropes", " tags:", " - knots", "+- Sailing", " ---"),
        " How to tie a bowline.",
    ]
    assert write_back.write(edited) is None
    assert article.read_text(encoding="utf-8") == NEW


def test_a_diff_says_where_there_is_no_final_line_break(article: Path) -> None:
    article.write_bytes(TEXT.removesuffix("\n").replace("How", "\u2028How").encode())
    lines = prepared(article, adding("Sailing")).diff().split("\n")
    assert lines[-3:] == [" \u2028How to tie a bowline.", "\\ No newline at end of file", ""]


@pytest.mark.parametrize(
    "name", ["a\n::warning::x.md", 'a "b" \\n c.md', "a\u202eb.md", "\x1b[31m.md", "caf\u00e9 b.md"]
)
def test_git_takes_a_diff_of_a_file_with_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(TEXT, encoding="utf-8")
    edited = prepared(path, adding("Sailing"))
    diff = replace(edited, path=Path(name)).diff()
    assert [line[:3] for line in diff.splitlines()[:3]] == ["---", "+++", "@@ "]
    assert not set(diff) & set("\x1b\u202e")
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=tmp_path, check=True)
    assert path.read_text(encoding="utf-8") == NEW


def test_the_second_time_there_is_nothing_to_do(article: Path) -> None:
    write_back.write(prepared(article, adding("Sailing")))
    again = prepared(article, adding("Sailing"))
    assert not again.changed
    assert again.diff() == ""


def test_what_came_and_went_is_told_by_key(article: Path) -> None:
    edits = Edits(labels={"tags": ["Sailing", "sea"], "topics": ["x"]}, numbers={"weight": 3})
    edited = prepared(article, edits)
    assert edited.added == {"tags": ("Sailing", "sea"), "topics": ("x",)}
    assert edited.removed == {"tags": ("knots",), "topics": ()}
    assert b"\ntopics:\n- x\nweight: 3\n---" in edited.after.data


def test_a_text_that_was_changed_since_it_was_judged_is_refused(article: Path) -> None:
    judged = digest(article)
    article.write_text(TEXT + "Another line.\n", encoding="utf-8")
    assert "has changed since it was judged" in refused(article, adding("x"), judged)


def test_new_labels_or_dates_since_then_are_no_reason_to_refuse(article: Path) -> None:
    judged = digest(article)
    article.write_text(TEXT.replace("tags:", "date: 2020-01-01\ntags:"), encoding="utf-8")
    assert isinstance(write_back.prepare(article, adding("x"), digest=judged), Edited)


def test_a_file_that_changes_between_reading_and_writing_is_refused(article: Path) -> None:
    edited = prepared(article, adding("Sailing"))
    article.write_text("mine", encoding="utf-8")
    failed = write_back.write(edited)
    assert failed
    assert "was changed by another program" in failed.message
    assert article.read_text(encoding="utf-8") == "mine"


def test_a_key_that_articles_are_judged_by_is_refused(article: Path) -> None:
    article.write_text(TEXT.replace("tags:", "summary: sea\ntags:"), encoding="utf-8")
    assert "text would change with 'summary'" in refused(
        article, Edits(labels={"summary": ["a", "b"]})
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT.replace("tags:", "tags: [a]\ntags:"), "more than once"),
        ("No front matter.\n", "no front matter"),
    ],
)
def test_a_refusal_names_the_file_and_the_reason_in_one_line(
    article: Path, text: str, why: str
) -> None:
    article.write_text(text, encoding="utf-8")
    message = refused(article, adding("x"))
    assert why in message
    assert repr(article.as_posix()) in message
    assert "\n" not in message


def test_a_file_that_is_gone_or_unreadable_as_an_article_is_refused(tmp_path: Path) -> None:
    gone = write_back.prepare(tmp_path / "gone.md", adding("x"), digest="")
    assert isinstance(gone, Refused)
    assert "cannot be read" in gone.message
    foreign = tmp_path / "foreign.md"
    foreign.write_bytes(b"---\ntitle: \xe9\n---\nText.\n")
    assert "not UTF-8" in refused(foreign, adding("x"), "0")


def test_a_change_that_keeps_size_and_time_is_seen(article: Path) -> None:
    edited = prepared(article, adding("Sailing"))
    status = article.stat()
    article.write_text(TEXT.replace("bowline", "bowknot"), encoding="utf-8")
    os.utime(article, ns=(status.st_atime_ns, status.st_mtime_ns))
    failed = write_back.write(edited)
    assert failed
    assert "was changed by another program" in failed.message


@pytest.mark.parametrize("text", [TEXT, "How to tie a bowline.\n"])
def test_however_many_keys_a_file_is_parsed_to_read_it_and_to_check_it(
    article: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    article.write_text(text, encoding="utf-8")
    judged = digest(article)
    parsed: list[str] = []
    real = reading.parse
    monkeypatch.setattr(reading, "parse", lambda text: parsed.append(text) or real(text))
    labels = {key: partial(merge, ours=["Sailing"]) for key in ("tags", "topics", "more")}
    edits = Edits(labels=labels, numbers={"weight": 3}, create=True)
    edited = write_back.prepare(article, edits, digest=judged)
    assert isinstance(edited, Edited)
    assert parsed == [edited.before.text, edited.after.text]


def test_mode_and_links_stay(article: Path, tmp_path: Path) -> None:
    article.chmod(0o640)
    link = tmp_path / "link.md"
    link.symlink_to(article.name)
    edited = prepared(link, adding("Sailing"))
    assert write_back.write(edited) is None
    assert link.is_symlink()
    assert article.read_text(encoding="utf-8") == NEW
    assert stat.S_IMODE(article.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(article: Path) -> None:
    os.chown(article, 12345, 54321)
    assert write_back.write(prepared(article, adding("Sailing"))) is None
    assert (article.stat().st_uid, article.stat().st_gid) == (12345, 54321)


def test_a_file_that_cannot_be_written_is_told_and_left(
    article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = prepared(article, adding("Sailing"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    failed = write_back.write(edited)
    assert failed
    assert "read-only" in failed.message
    assert article.read_text(encoding="utf-8") == TEXT
    assert [it.name for it in article.parent.iterdir()] == [article.name]
