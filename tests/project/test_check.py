"""`Project.check`: what is out of date, as values."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer, OtherScorer
from support.site import write_article

from classifier import composition
from classifier.project import Project
from classifier.project.events import Event, Message
from classifier.project.label_fields import WriteOptions

pytestmark = pytest.mark.usefixtures("content")
BREAD = Path("content/bread.md")


def test_a_site_that_was_applied_is_up_to_date(project: Project) -> None:
    project.run("content")
    project.apply("content")
    result = project.check("content")
    assert (result.articles, result.up_to_date, result.findings) == (3, 3, ())


def test_each_article_is_in_the_state_it_is_in(project: Project) -> None:
    project.run("content")
    project.apply("content")
    write_article(Path("content/new.md"), "wine " * 9)
    (Path("content/bad.md")).write_bytes(b"\xff")
    BREAD.write_text(BREAD.read_text() + "And wine.\n")
    cheese = Path("content/cheese.md")
    cheese.write_text(cheese.read_text().replace("  - Cheese\n", "  - Picnic\n"))
    result = project.check("content", options=WriteOptions(mode="replace"))
    assert {finding.path: finding.state for finding in result.findings} == {
        "content/new.md": "unjudged",
        "content/bad.md": "unusable",
        "content/bread.md": "stale",
        "content/cheese.md": "different",
    }
    assert (result.articles, result.up_to_date) == (5, 1)
    (different,) = result.of("different")
    assert different.message == "tags: missing Cheese; tags: extra Picnic"


def test_a_derived_field_that_is_another_number_is_out_of_date(project: Project) -> None:
    Path("classify.toml").write_text(
        'categories = "taxonomy"\n'
        '[derived.weight]\ncategories = ["Bread"]\nat_zero = 1000\nat_one = 0\n'
    )
    with Project.open() as derived:
        derived.run("content")
        derived.apply("content")
        BREAD.write_text(BREAD.read_text().replace("weight: ", "weight: 1"))
        (finding,) = derived.check("content").findings
    assert (finding.state, finding.message) == ("different", "a derived field is out of date")


def test_without_a_store_the_sidecars_are_read_and_none_is_made(project: Project) -> None:
    project.run("content")
    project.apply("content")
    project.write_sidecars("content")
    project.close()
    shutil.rmtree(".classify")
    assert project.check("content").findings == ()
    assert not Path(".classify").exists()


def test_a_sidecar_that_cannot_be_read_is_an_error_event(
    project: Project, events: list[Event]
) -> None:
    Path("content/data.bread.classifications.json").write_text("{")
    project.check("content")
    messages = [event for event in events if isinstance(event, Message)]
    assert [message.level for message in messages] == ["error"]
    assert "data.bread.classifications.json" in messages[0].text


def test_nothing_is_written(project: Project) -> None:
    project.run("content")
    project.close()
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    assert len(project.check("content").findings) == 3
    project.close()
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_where_another_scorer_has_judged_it_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run("content")
    assert project.check("content").other_scorers == ()
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: OtherScorer())
    with Project.open() as other:
        assert other.check("content").other_scorers == (KeywordScorer().identity,)
        other.run("content/wine.md")
        assert other.check("content").other_scorers == ()


def test_an_article_that_has_its_one_category_is_asked_for_no_second(project: Project) -> None:
    write_article(BREAD, "bread " * 9, "tags: [Wine]\n")
    Path("classify.toml").write_text('categories = "taxonomy"\nat_most = 1\n')
    with Project.open() as one:
        one.run(BREAD)
        assert not one.check(BREAD).findings
        assert one.apply(BREAD).changed == ()
