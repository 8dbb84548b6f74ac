"""The benchmarks can be imported and know their arguments; mypy checks their use of the package."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest
from support.chat_server import ChatServer, judge

from classifier import taxonomy
from classifier.models import Article, Category, Task
from classifier.outputs.vocabulary import render
from classifier.scorers.openai.scorer import OpenAIScorer

FOLDER = Path(__file__).parents[1] / "benchmarks"
SHARED = {"ranking"}
"""Imported by others, and not run."""


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.py")))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_benchmark_can_be_imported_and_shows_its_arguments(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if re.search(
        r"from (sklearn|calibration|ranking|train_head)\b", (FOLDER / f"{name}.py").read_text()
    ):
        pytest.importorskip("sklearn", reason="needs the `bench` extra")
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    before = set(sys.modules)
    try:
        module = importlib.import_module(name)
        if name in SHARED:
            return
        with pytest.raises(SystemExit) as end:
            module.main()
    finally:
        for other in set(sys.modules) - before:
            if str(getattr(sys.modules[other], "__file__", "")).startswith(str(FOLDER)):
                del sys.modules[other]
    assert end.value.code == 0
    assert f"usage: {name}" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "file", "concepts"),
    [
        ("media_topics", "medtop.json", 1200),
        ("iab", "iab.tsv", 704),
        ("thesaurus", "topics.ttl", 10_000),
    ],
)
def test_a_vocabulary_of_full_size_comes_back_the_same(
    make: str, file: str, concepts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    vocabularies = importlib.import_module("vocabularies")
    path, again = tmp_path / file, tmp_path / "again" / f"{Path(file).stem}.ttl"
    path.write_text(getattr(vocabularies, make)(), encoding="utf-8")
    known = taxonomy.load(path).categories
    assert len(known) == concepts
    assert sum(bool(it.parents) for it in known) > 0.9 * concepts
    again.parent.mkdir()
    again.write_text(render(known, format_="turtle", base="https://example.org/"))
    assert vocabularies.equal(path, again)


def test_the_crash_benchmark_knows_the_pairs_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    crash = importlib.import_module("crash")
    categories = tuple(
        Category(id=f"tags/tag-{n:02}", kind="tags", title=f"Tag {n:02}") for n in range(3)
    )
    with ChatServer(judge) as server:
        article = Article(id="a", title="Article 007", body="Bread.")
        list(OpenAIScorer("m", base_url=server.url).score([Task(article, categories)]))
        (asked,) = server.requests
    assert crash.pairs(asked) == {("Article 007", f"tag-{n:02}") for n in range(3)}
