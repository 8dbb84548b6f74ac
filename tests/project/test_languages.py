from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.events import warnings
from support.keyword_scorer import KeywordScorer

from classifier import Classifier, GoldSource, composition, language
from classifier.project import Project
from classifier.project.events import Event

FRENCH = "Le boulanger du village nourrit son levain chaque matin de farine et d'eau.\n"
ENGLISH = "The village baker feeds his sourdough every morning with flour and water.\n"
NOTE = "in French, which keywords (counting) does not read: do not trust its confidences"


@dataclass(frozen=True)
class EnglishScorer(KeywordScorer):
    languages: frozenset[str] | None = frozenset({"en"})


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: EnglishScorer())


@pytest.fixture
def site(site: Path) -> Path:
    (site / "lunch.md").write_text(FRENCH)
    (site / "dinner.md").write_text(ENGLISH)
    return site


@pytest.fixture
def project(site: Path, english: None, events: list[Event]) -> Iterator[Project]:
    with Project.open(on_event=events.append) as project:
        yield project


def results(project: Project) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {it.article: (it.language, it.notes) for it in project.run(".").results()}


def test_each_article_says_that_its_language_is_not_read(project: Project) -> None:
    expected = {"lunch.md": ("fr", (NOTE,)), "dinner.md": ("en", ())}
    assert results(project) == expected
    assert results(project) == expected
    assert project.classify(Path("lunch.md")).notes == (NOTE,)
    assert project.classify(FRENCH).notes == (NOTE,)
    assert project.run(".").unread_languages() == {"fr": 1}


def test_each_article_is_handed_over_with_its_note(project: Project) -> None:
    found = []
    project.run(".", store=False, on_result=found.append)
    assert {it.article: it.notes for it in found} == {"lunch.md": (NOTE,), "dinner.md": ()}


def test_a_classifier_without_a_store_says_it_too(site: Path) -> None:
    with Project.open() as project:
        judge = Classifier(project.definitions, EnglishScorer())
    assert judge.classify(Path("lunch.md")).notes == (NOTE,)
    assert judge.classify(ENGLISH).language == "en"


def test_front_matter_and_file_name_win_over_detection(project: Project, site: Path) -> None:
    (site / "lunch.md").write_text(f"---\nlang: en-GB\n---\n{FRENCH}")
    (site / "dinner.md").rename(site / "dinner.de.md")
    (site / "code.md").write_text(f"---\nlanguage: python\n---\n{ENGLISH}")
    found = results(project)
    assert {path: code for path, (code, _) in found.items()} == {
        "lunch.md": "en",
        "dinner.de.md": "de",
        "code.md": "en",
    }
    assert "in German" in found["dinner.de.md"][1][0]


def test_a_language_is_detected_once_for_every_content(
    project: Project, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lunch.md", "dinner.md"):
        os.utime(site / name, (1e9, 1e9))  # of a fresh file nobody knows whether it changes again
    assert project.run(".").unread_languages() == {"fr": 1}
    read: list[str] = []
    detect = language.detect
    monkeypatch.setattr(language, "detect", lambda text: read.append(text) or detect(text))
    assert project.run(".").unread_languages() == {"fr": 1}
    project.classify(Path("lunch.md"))
    assert read == []
    (site / "lunch.md").write_text(f"{ENGLISH} Bread.")
    assert project.run(".").unread_languages() == {}
    assert read
    # Digests of articles do not cover what front matter says of their language.
    (site / "lunch.md").write_text(f"---\nlang: fr\n---\n{ENGLISH} Bread.")
    assert project.run(".").unread_languages() == {"fr": 1}


def test_a_scorer_that_reads_all_languages_detects_none(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    monkeypatch.setattr(language, "detect", lambda _text: pytest.fail("not needed"))
    project.forget_parts()
    assert results(project) == {"lunch.md": ("", ()), "dinner.md": ("", ())}
    assert project.run(".").unread_languages() == {}


def test_definitions_in_a_language_that_is_not_read_are_a_warning(
    project: Project, site: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run(".")
    assert warnings(events) == []
    path = site / "taxonomy" / "tags" / "bread.md"
    path.write_text(f"---\ntitle: Boulangerie\ndescription: {FRENCH}---\n")
    project.forget_parts()
    project.run(".")
    (said,) = warnings(events)
    assert said.startswith(
        "1 of 5 definitions in languages that keywords (counting) does not read (French 1)"
    )
    monkeypatch.setattr(language, "detect", lambda _text: pytest.fail("remembered"))
    project.run(".")
    assert warnings(events) == [said, said]


def test_figures_and_the_report_say_it_too(
    project: Project, site: Path, events: list[Event]
) -> None:
    (site / "lunch.md").write_text(f"---\ntags: [bread]\n---\n{FRENCH}")
    project.run(".")
    assert warnings(events) == []
    project.evaluate(GoldSource(".", fields=("tags",)))
    project.report(".", output=site / "report.html")
    said = [it for it in warnings(events) if "languages that keywords" in it]
    assert len(said) == 2
    assert all(it.startswith("1 of ") and "(French 1)" in it for it in said)
