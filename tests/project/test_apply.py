"""`Project.apply`: decided labels go into front matter, and values say what became of the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.site import write_article

from classifier.errors import UsageError
from classifier.outputs.write_back import Refused
from classifier.project import Project
from classifier.project.apply import Applied, FileOutcome, NotJudged
from classifier.project.label_fields import WriteOptions

pytestmark = pytest.mark.usefixtures("content")
BREAD = Path("content/bread.md")


def test_every_file_is_accounted_for(project: Project) -> None:
    project.run("content")
    write_article(Path("content/new.md"), "wine " * 9)
    twice = write_article(Path("content/twice.md"), "olives " * 9, "tags: [a]\ntags: [b]\n")
    project.run(twice)
    seen: list[FileOutcome] = []
    result = project.apply("content", on_file=seen.append)
    assert len(seen) == 5
    assert result.changed == (BREAD, Path("content/cheese.md"), Path("content/wine.md"))
    assert (result.unchanged, result.not_judged) == (0, (Path("content/new.md"),))
    (refused,) = result.refused
    assert isinstance(refused, Refused)
    assert refused.path == twice
    assert not result.ok
    assert {type(outcome) for outcome in seen} == {Applied, NotJudged, Refused}


def test_a_second_time_nothing_changes(project: Project) -> None:
    project.run("content")
    project.apply("content")
    result = project.apply("content")
    assert (result.changed, result.unchanged, result.ok) == ((), 3, True)


def test_a_dry_run_shows_each_diff_and_writes_nothing(project: Project) -> None:
    project.run("content")
    before = BREAD.read_bytes()
    diffs: list[str] = []

    def show(outcome: FileOutcome) -> None:
        assert isinstance(outcome, Applied)
        diffs.append(outcome.edited.diff())

    result = project.apply("content", dry_run=True, on_file=show)
    assert len(result.changed) == 3
    assert "+  - Bread\n" in diffs[0]
    assert BREAD.read_bytes() == before


def test_files_are_written_one_by_one(project: Project) -> None:
    """What a listener raises ends the rest, and what was done stays done."""
    project.run("content")

    def stop(outcome: FileOutcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project.apply("content", on_file=stop)
    assert "Bread" in BREAD.read_text().partition("tags:")[2]
    assert "tags:" not in Path("content/wine.md").read_text()


def test_a_label_that_a_person_removed_is_reported_and_restored_only_on_demand(
    project: Project,
) -> None:
    project.run("content")
    before = BREAD.read_text()
    project.apply("content")
    BREAD.write_text(before)
    result = project.apply("content")
    assert result.removed_by_person == {BREAD: ("Bread",)}
    assert BREAD.read_text() == before
    project.apply("content", options=WriteOptions(restore=True))
    assert "  - Bread\n" in BREAD.read_text()


def test_only_some_kinds_are_written(project: Project) -> None:
    write_article(BREAD, "bread " * 9 + "craft " * 9)
    project.run("content")
    project.only(kinds=["concepts"]).apply(BREAD)
    text = BREAD.read_text()
    assert "concepts:\n  - Craft\n" in text
    assert "tags:" not in text


def test_categories_left_out_within_a_kind_are_written_all_the_same(project: Project) -> None:
    """Of a kind, all labels are written or none."""
    project.run("content")
    project.only(categories=["wine"]).apply("content")
    assert "  - Bread\n" in BREAD.read_text()


def test_suggestions_leave_the_keys_of_people_alone(project: Project) -> None:
    write_article(BREAD, "bread " * 9, "tags: [mine]\n")
    project.run("content")
    project.apply(BREAD, options=WriteOptions(suggest="suggested"))
    text = BREAD.read_text()
    assert "tags: [mine]\n" in text
    assert "suggested: [Bread]\n" in text


@pytest.mark.parametrize(
    "options",
    [
        WriteOptions(fields=["topics"]),
        WriteOptions(fields=["nothing=topics"]),
        WriteOptions(suggest="tags"),
    ],
)
def test_fields_that_cannot_be_meant_are_refused_before_a_file_is_read(
    project: Project, options: WriteOptions
) -> None:
    project.run("content")
    with pytest.raises(UsageError):
        project.apply("content", options=options)


def test_several_folders_are_written_in_one_call(project: Project) -> None:
    write_article(Path("blog/wine.md"), "wine " * 9 + "and more\n")
    project.run("content", "blog")
    assert len(project.apply("content", "blog").changed) == 4


def test_labels_of_the_scorer_that_comes_with_the_program_are_written() -> None:
    loaf = write_article(
        Path("content/loaf.md"), "How bakers shape bread: loaves, dough and an oven. " * 5
    )
    with Project.open() as project:
        (result,) = project.run(loaf).results()
        assert result.labels["tags"] == ["Bread"]
        assert project.apply(loaf).changed == (loaf,)
    assert "  - Bread\n" in loaf.read_text()


def test_what_has_no_front_matter_is_refused_with_the_name_of_its_sidecar(
    project: Project,
) -> None:
    page = Path("content/page.html")
    page.write_text("<h1>Page</h1><p>" + "bread " * 9)
    before = page.read_bytes()
    run = project.run(page)
    assert run.scan.taken == {".html": 1}
    (refused,) = project.apply(page).refused
    assert isinstance(refused, Refused)
    assert "'data.page.html.classifications.json'" in refused.message
    assert page.read_bytes() == before
    project.write_sidecars(page)
    assert Path("content/data.page.html.classifications.json").exists()


def test_a_fallback_is_written_until_something_fits(site: Path, keywords: None) -> None:
    with Path("classify.toml").open("a") as file:
        file.write('rules.tags = {fallback = "Olives"}\n')
    plain = write_article(Path("content/plain.md"), "Nothing of the kind. " * 9)
    own = write_article(Path("content/own.md"), "Nothing here. " * 9, "tags: [Butter]\n")
    with Project.open() as again:
        again.run("content")
        again.apply("content")
        assert "- Olives" in plain.read_text()
        assert "Olives" not in own.read_text(), "a person has found a label that fits"
        assert "Olives" not in BREAD.read_text()
        assert again.apply("content").changed == ()
        plain.write_text(plain.read_text() + "Wine, wine and wine.\n")
        again.run("content")
        again.apply("content")
    assert "Olives" not in plain.read_text()
    assert "- Wine" in plain.read_text()


def test_a_section_has_a_rule_of_its_own(site: Path, keywords: None) -> None:
    with Path("classify.toml").open("a") as file:
        file.write('[rules.tags.sections."content/few"]\nat_most = 1\n')
    many = write_article(Path("content/many.md"), "Wine and olives. " * 9)
    few = write_article(Path("content/few/few.md"), "Wine and olives, olives. " * 9)
    with Project.open() as again:
        again.run("content")
        again.apply("content")
        assert again.apply("content").changed == ()
    assert "Wine" in many.read_text().partition("\n---\n")[0]
    assert "Olives" in many.read_text().partition("\n---\n")[0]
    front_matter = few.read_text().partition("\n---\n")[0]
    assert ("Wine" in front_matter) != ("Olives" in front_matter)


def test_tags_in_the_text_are_not_written_again_and_take_their_place(project: Project) -> None:
    write_article(BREAD, "Bread, bread, bread and wine, wine, wine. #bread\n")
    view = project.with_settings(
        fields={"tags": {"inline": True}}, rules={"tags": {"at_most": 2}}, minimum=0.1
    )
    project.run(BREAD)
    (both,) = project.apply(BREAD, dry_run=True).changed
    assert both == BREAD
    edited: list[FileOutcome] = []
    view.apply(BREAD, dry_run=True, on_file=edited.append)
    (outcome,) = edited
    assert isinstance(outcome, Applied)
    assert outcome.edited.added["tags"] == ("Wine",)
