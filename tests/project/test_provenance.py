"""Labels that `apply` wrote are known as ours: after a kill, in a fresh clone, and in gold."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.events import warnings
from support.repository import git
from support.site import write_article

from classifier.errors import UsageError
from classifier.outputs.label_file import FILE
from classifier.outputs.write_back import Edited, Refused
from classifier.project import Project, noted_writing
from classifier.project.events import Event
from classifier.project.gold import GoldSource
from classifier.project.provenance import Provenance
from classifier.store import Store

pytestmark = pytest.mark.usefixtures("content")
BREAD = Path("content/bread.md")
TAGS = GoldSource("content", fields=["tags"])


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the program runs after it."""


def noted() -> list[str]:
    return Path(FILE).read_text().splitlines()[1:]


def fresh_clone(project: Project) -> None:
    """Leave what is committed: not the store."""
    project.close()
    shutil.rmtree(".classify")


def raise_minimum(project: Project) -> Project:
    """Let nothing be decided any more."""
    return project.with_settings(minimum=1.0)


def test_labels_are_noted_beside_the_settings(project: Project) -> None:
    project.run("content")
    project.apply("content", dry_run=True)
    assert not Path(FILE).exists()
    write_article(Path("content/wine.md"), "wine " * 9, "tags: [Wine]\n")
    project.run("content")
    project.apply("content")
    assert noted() == ["content/bread.md\ttags\tBread", "content/cheese.md\ttags\tCheese"]
    before = Path(FILE).stat()
    project.apply("content")
    assert Path(FILE).stat() == before


def test_a_label_of_ours_is_withdrawn_in_a_fresh_clone(project: Project) -> None:
    write_article(BREAD, "bread " * 9, "tags: [mine]\n")
    project.run("content")
    project.apply("content")
    assert "tags: [mine, Bread]" in BREAD.read_text()
    fresh_clone(project)
    project.run("content")
    raise_minimum(project).apply("content")
    assert "tags: [mine]\n" in BREAD.read_text()
    assert noted() == []


def test_a_label_that_a_person_took_out_stays_out_in_a_fresh_clone(project: Project) -> None:
    project.run("content")
    before = BREAD.read_text()
    project.apply("content")
    BREAD.write_text(before)
    fresh_clone(project)
    project.run("content")
    assert project.apply("content").removed_by_person == {BREAD: ("Bread",)}
    assert BREAD.read_text() == before


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("clone", [False, True])
def test_a_kill_between_the_note_and_the_article_loses_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, place: str, clone: bool
) -> None:
    project.run("content")

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(noted_writing.NotingWriter, "_settle", killed)
        if place == "before":
            patch.setattr(noted_writing, "write", killed)
        with pytest.raises(Killed):
            project.apply("content")
    assert ("- Bread" in BREAD.read_text()) is (place == "after")
    assert noted()[0] == "content/bread.md\ttags\tBread\t?"
    if clone:
        fresh_clone(project)
        project.run("content")
    assert project.apply("content").removed_by_person == {}
    assert "- Bread" in BREAD.read_text()
    assert noted()[0] == "content/bread.md\ttags\tBread"
    raise_minimum(project).apply("content")
    assert "tags" not in BREAD.read_text()


def test_a_file_that_is_refused_leaves_no_note(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run("content")

    def refused(edited: Edited) -> Refused:
        return Refused(edited.path, "no")

    monkeypatch.setattr(noted_writing, "write", refused)
    project.apply("content")
    assert noted() == []


def test_what_only_an_older_store_knows_is_taken_over(project: Project) -> None:
    project.run("content")
    project.apply("content")
    Path(FILE).unlink()
    write_article(Path("content/more.md"), "olives " * 9)
    project.run("content")
    project.apply("content")
    assert noted()[0] == "content/bread.md\ttags\tBread"
    assert len(noted()) == 4


def test_what_another_clone_withdrew_is_not_ours_because_the_store_says_so(
    project: Project,
) -> None:
    """Its lines went with its commit; a person then wrote the label."""
    project.run("content")
    project.apply("content")
    lines = Path(FILE).read_text().splitlines(keepends=True)
    Path(FILE).write_text("".join(line for line in lines if "bread.md" not in line))
    raise_minimum(project).apply("content")
    assert "- Bread" in BREAD.read_text()


def test_damage_is_named_and_the_store_fills_the_gap(project: Project, events: list[Event]) -> None:
    project.run("content")
    project.apply("content")
    Path(FILE).write_text(Path(FILE).read_text().replace("content/bread.md\ttags", "content"))
    raise_minimum(project).apply("content")
    assert any(f"{FILE}': line 2 is damaged" in text for text in warnings(events))
    assert "tags" not in BREAD.read_text()


def test_without_a_place_for_the_note_no_article_is_written(project: Project) -> None:
    project.run("content")
    before = BREAD.read_text()
    Path("elsewhere").write_text("mine")
    Path(FILE).symlink_to("elsewhere")
    with pytest.raises(UsageError, match=r"classify-labels\.tsv' is no ordinary file"):
        project.apply("content")
    assert (BREAD.read_text(), Path("elsewhere").read_text()) == (before, "mine")


# --- in the front matter --------------------------------------------------------------------------


@pytest.fixture
def inside(project: Project) -> Project:
    return project.with_settings(provenance="front-matter")


def test_articles_can_say_themselves_what_is_ours(inside: Project) -> None:
    write_article(BREAD, "bread " * 9, "tags: [mine]\n")
    inside.run("content")
    inside.apply("content")
    assert "tags: [mine, Bread]\nclassify_labels: [tags=Bread]\n" in BREAD.read_text()
    assert not Path(FILE).exists()
    assert inside.apply("content").changed == ()
    assert not inside.check("content").findings
    fresh_clone(inside)
    inside.run("content")
    raise_minimum(inside).apply("content")
    assert "tags: [mine]\n---" in BREAD.read_text()


def test_an_article_that_says_it_itself_is_kept_so(project: Project, inside: Project) -> None:
    inside.run("content")
    inside.apply("content")
    raise_minimum(project).apply("content")
    assert "classify_labels" not in BREAD.read_text()
    assert not Path(FILE).exists()


def test_the_note_moves_from_the_file_into_the_articles(project: Project, inside: Project) -> None:
    project.run("content")
    project.apply("content")
    inside.apply("content")
    assert "classify_labels:\n  - tags=Bread\n" in BREAD.read_text()
    assert noted() == []


# --- gold -----------------------------------------------------------------------------------------


def people_and_ours(project: Project) -> None:
    """`Bread` in bread.md is ours, and all labels of cheese.md; `Wine` is a person's."""
    write_article(BREAD, "bread " * 9, "tags: [Olives]\n")
    write_article(Path("content/wine.md"), "wine " * 9, "tags: [Wine]\n")
    project.run("content")
    project.apply("content")


def gold_in_a_clone(project: Project) -> None:
    people_and_ours(project)
    fresh_clone(project)


@pytest.mark.parametrize("prepare", [people_and_ours, gold_in_a_clone])
@pytest.mark.parametrize("where", ["file", "front-matter"])
def test_eval_leaves_our_labels_out_and_counts_them(
    project: Project, events: list[Event], prepare: Callable[[Project], None], where: str
) -> None:
    view = project.with_settings(provenance=where)
    prepare(view)
    report = view.evaluate(TAGS).report
    # Bread in bread.md is unknown: 3 pairs there, and 4 in wine.md.
    assert report.pairs == 7
    assert sum(category.positives for category in report.categories) == 2
    assert "'content': left out 2 labels that `classify apply` wrote, in 2 articles" in " ".join(
        warnings(events)
    )


def test_gold_that_is_all_ours_is_none(project: Project) -> None:
    project.run("content")
    project.apply("content")
    for verb in (project.evaluate, project.train, project.import_verdicts):
        with pytest.raises(UsageError, match="`classify apply` wrote every label"):
            verb(TAGS)


def test_training_leaves_our_labels_out(project: Project, events: list[Event]) -> None:
    people_and_ours(project)
    events.clear()
    with pytest.raises(UsageError, match="too few labels"):
        project.train(TAGS)
    assert any("left out 2 labels" in text for text in warnings(events))


def test_imported_verdicts_are_peoples(project: Project, events: list[Event]) -> None:
    gold_in_a_clone(project)
    imported = project.import_verdicts(TAGS)
    assert [(it.path, it.category) for it in imported] == [
        ("content/bread.md", "tags/olives"),
        ("content/wine.md", "tags/wine"),
    ]
    assert any("left out 2 labels" in text for text in warnings(events))


def test_without_a_file_the_store_knows_our_labels(project: Project) -> None:
    people_and_ours(project)
    Path(FILE).unlink()
    assert len(project.import_verdicts(TAGS)) == 2
    assert isinstance(project.records.get("read").store, Store)


# --- articles that are moved or deleted ----------------------------------------------------------


def written(project: Project) -> None:
    Path("content/wine.md").unlink(missing_ok=True)
    project.run("content")
    project.apply("content")


def test_lines_follow_an_article_that_was_moved(project: Project) -> None:
    written(project)
    (BREAD.parent / "new").mkdir()
    BREAD.rename("content/new/loaf.md")
    project.run("content")
    assert tags_of(project, "content/new/loaf.md") == ("Bread",)
    project.apply("content")
    assert noted() == ["content/cheese.md\ttags\tCheese", "content/new/loaf.md\ttags\tBread"]
    assert "  - Bread\n" in Path("content/new/loaf.md").read_text()
    raise_minimum(project).apply("content")
    assert "tags" not in Path("content/new/loaf.md").read_text()


def tags_of(project: Project, path: str) -> tuple[str, ...]:
    own = Provenance.of(project, project.records.get("read"))
    return tuple(own.labels(path, "tags", there=("Bread",), meta={}))


def test_lines_of_a_deleted_article_go_with_the_next_apply(project: Project) -> None:
    written(project)
    BREAD.unlink()
    project.apply("content", dry_run=True)
    assert len(noted()) == 2
    project.apply("content")
    assert noted() == ["content/cheese.md\ttags\tCheese"]


def test_lines_stay_where_apply_did_not_look(project: Project) -> None:
    written(project)
    BREAD.unlink()
    project.apply("content/cheese.md")
    assert len(noted()) == 2


def test_an_article_that_was_moved_and_edited_keeps_its_lines_until_somebody_says(
    project: Project, events: list[Event]
) -> None:
    written(project)
    text = BREAD.read_text()
    BREAD.unlink()
    Path("content/loaf.md").write_text(text + "Much was added. bread bread\n")
    written(project)
    assert "content/bread.md\ttags\tBread" in noted()
    assert any("if it was moved, change its path there" in it for it in warnings(events))
    assert Path("content/loaf.md").exists()


def test_of_copies_that_were_moved_the_name_says_which_is_which(project: Project) -> None:
    for name in ("one", "two"):
        Path(f"content/{name}").mkdir()
        write_article(Path(f"content/{name}/{name}.md"), "bread " * 9, "")
    write_article(Path("content/one/one.md"), "bread " * 9, "tags: [Bread]\n")
    written(project)
    before = noted()
    Path("content/moved").mkdir()
    for name in ("one", "two"):
        Path(f"content/{name}/{name}.md").rename(f"content/moved/{name}.md")
    written(project)
    after = [line.replace("content/two/", "content/moved/") for line in before]
    assert noted() == sorted(after)


def test_nothing_is_taken_out_of_a_clone_that_cannot_know(
    project: Project, events: list[Event]
) -> None:
    written(project)
    fresh_clone(project)
    BREAD.unlink()
    project.run("content")
    project.apply("content")
    assert len(noted()) == 2
    assert any("'content/bread.md'" in it for it in warnings(events))


def test_a_fresh_clone_asks_git_what_was_moved_or_deleted(project: Project) -> None:
    written(project)
    git(".", "init", "-q")
    git(".", "add", "-A", "content", FILE)
    git(".", "commit", "-qm", "labels")
    git(".", "mv", "content/bread.md", "content/loaf.md")
    git(".", "rm", "-q", "content/cheese.md")
    with Path("content/loaf.md").open("a") as file:
        file.write("One line more.\n")
    git(".", "commit", "-qam", "moved, edited and deleted")
    fresh_clone(project)
    assert tags_of(project, "content/loaf.md") == ("Bread",)
    written(project)
    assert noted() == ["content/loaf.md\ttags\tBread"]


def test_what_a_sparse_checkout_leaves_out_keeps_its_lines(project: Project) -> None:
    written(project)
    git(".", "init", "-q")
    git(".", "add", "-A", "content", FILE)
    git(".", "commit", "-qm", "labels")
    git(".", "update-index", "--skip-worktree", "content/bread.md")
    BREAD.unlink()
    project.apply("content")
    assert len(noted()) == 2


def test_clones_that_moved_and_labelled_one_article_know_both_after_a_merge(
    project: Project,
) -> None:
    written(project)
    BREAD.rename("content/loaf.md")
    written(project)
    lines = Path(FILE).read_text()
    Path(FILE).write_text(lines + "content/bread.md\ttags\tWine\n")
    text = Path("content/loaf.md").read_text().replace("  - Bread\n", "  - Bread\n  - Wine\n")
    Path("content/loaf.md").write_text(text)
    raise_minimum(project).apply("content")
    assert "tags" not in Path("content/loaf.md").read_text()
    assert noted() == []
