"""One small file of every input type: the table in docs/formats.md is what comes out of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.files import docx, epub, pdf

from classifier.content import document
from classifier.content.collections import SUFFIXES, articles_in, is_collection
from classifier.content.document import Document
from classifier.content.formats.registry import OPTIONAL_SUFFIXES
from classifier.content.formats.tables import Columns
from classifier.models import Article

QUOTE = "rye bread"
TEXT = f"We bake {QUOTE} with a slow dough."
HTML = f"<html lang=en><title>Loaves</title><main><p>{TEXT}</p></main></html>"
RSS = (
    "<rss><channel><language>en</language><item><title>Loaves</title><guid>1</guid>"
    f"<description>{TEXT}</description></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><entry><id>1</id>'
    f"<title>Loaves</title><content>{TEXT}</content></entry></feed>"
)
MARKDOWN = f"---\ntitle: Loaves\nlang: en\n---\n{TEXT}\n"
ROW = {"id": 1, "title": "Loaves", "lang": "en", "text": TEXT}
FILES = {
    ".md": MARKDOWN,
    ".txt": MARKDOWN,
    ".html": HTML,
    ".adoc": f"= Loaves\n:lang: en\n\n{TEXT}\n",
    ".ipynb": json.dumps({"nbformat": 4, "cells": [{"cell_type": "markdown", "source": MARKDOWN}]}),
    ".rst": f"Loaves\n======\n\n:lang: en\n\n{TEXT}\n",
    ".docx": docx("Loaves", TEXT, title="Loaves"),
    ".epub": epub(f"<h1>Loaves</h1><p>{TEXT}</p>"),
    ".pdf": pdf(TEXT, title="Loaves"),
    ".csv": f"id,title,lang,text\n1,Loaves,en,{TEXT}\n",
    ".tsv": f"id\ttitle\tlang\ttext\n1\tLoaves\ten\t{TEXT}\n",
    ".jsonl": json.dumps(ROW) + "\n",
    ".mbox": "From a\nMessage-ID: <1>\nSubject: Loaves\nContent-Language: en\n\n" + TEXT + "\n",
    ".rss": RSS,
    ".atom": ATOM,
    ".xml": RSS,
}
SAME = {".htm", ".xhtml", ".asciidoc", ".asc", ".ndjson"}
ELSEWHERE = {".parquet"}
"""In test_tables.py: it needs another extra."""


def _rows(folder: Path) -> Iterator[str]:
    for suffix, content in FILES.items():
        path = folder / f"post{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if is_collection(path):
            ((id_, article),) = articles_in(path, Columns())
            assert isinstance(article, Article)
            name, text = id_.removeprefix(f"{folder.as_posix()}/"), article.body
        else:
            opened = document.read(path)
            assert isinstance(opened, Document)
            assert isinstance(opened.article, Article)
            name, text, article = path.name, opened.text, opened.article
        at = article.body.index(QUOTE) + article.body_start
        assert text[at:].startswith(QUOTE)
        data = path.read_bytes().decode("utf-8", "replace")
        place = "file" if data[at:].startswith(QUOTE) else "text"
        yield f"| `{name}` | {article.title} | {article.language} | {place} {at} |"


def test_the_table_of_inputs_is_what_comes_out(tmp_path: Path) -> None:
    pytest.importorskip("docutils")
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
    missing = [row for row in _rows(tmp_path) if row not in page]
    assert not missing, "\n".join(missing)


def test_every_ending_has_a_file() -> None:
    known = {".md", *OPTIONAL_SUFFIXES, *SUFFIXES}
    assert known == FILES.keys() | SAME | ELSEWHERE
