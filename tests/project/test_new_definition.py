"""A new definition is tried on the articles before it is put among the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.site import write_content

from classifier.errors import UsageError
from classifier.project import Project


@pytest.fixture
def rye(site: Path) -> Path:
    write_content(site)
    path = site / "drafts" / "tags" / "rye.md"
    path.parent.mkdir(parents=True)
    path.write_text("---\ntitle: Bread\ndescription: Of rye.\n---\n")
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_preview_shows_what_a_definition_would_label_and_writes_none(
    project: Project, rye: Path
) -> None:
    project.run("content")
    before = files(Path("taxonomy"))
    found = project.preview_definition(rye)
    assert [(it.path, it.category.id, it.added) for it in found.labels] == [
        ("content/bread.md", "tags/rye", True)
    ]
    assert found.definitions["tags/rye"] == "added"
    assert files(Path("taxonomy")) == before


def test_what_a_kind_has_no_room_for_is_taken_from_others(project: Project, rye: Path) -> None:
    Path("content/bread.md").write_text("Bread, bread, bread. Cheese, cheese.\n")
    view = project.with_settings(at_most=2, minimum=0.4)
    view.run("content")
    changes = view.preview_definition(rye, "content").labels
    assert ("content/bread.md", "tags/cheese", False) in [
        (it.path, it.category.id, it.added) for it in changes
    ]


def test_what_a_preview_has_judged_is_not_judged_again(project: Project, rye: Path) -> None:
    project.run("content")
    project.preview_definition(rye)
    project.add_definition(rye)
    with Project.open() as later:
        assert later.run("content").progress.due_pairs == 0


def test_a_definition_is_put_beside_those_of_its_kind(project: Project, rye: Path) -> None:
    written = project.add_definition(rye)
    assert written.resolve() == Path("taxonomy/tags/rye.md").resolve()
    assert written.read_bytes() == rye.read_bytes()
    with Project.open() as later:
        assert "tags/rye" in {category.id for category in later.taxonomy.categories}


def test_a_bundle_becomes_a_bundle(project: Project, rye: Path, site: Path) -> None:
    for path in (site / "taxonomy" / "tags").glob("*.md"):
        folder = path.with_suffix("")
        folder.mkdir()
        path.rename(folder / "_index.md")
    with Project.open() as bundles:
        written = bundles.add_definition(rye)
    assert written.resolve() == (site / "taxonomy/tags/rye/_index.md").resolve()


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("drafts/tags/none.md", None, "no Markdown file"),
        ("taxonomy/tags/bread.md", None, "among the definitions already"),
        ("drafts/tags/bread.md", None, "'tags/bread' already"),
        ("drafts/other/oats.md", None, "of which kind"),
        ("drafts/other/oats.md", "other", "no kind 'other'"),
    ],
)
def test_a_file_that_cannot_be_added_is_refused(
    project: Project, rye: Path, name: str, kind: str | None, told: str
) -> None:
    for path in ("drafts/tags/bread.md", "drafts/other/oats.md"):
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text("---\ntitle: X\n---\n")
    before = files(Path("taxonomy"))
    for refused in (project.preview_definition, project.add_definition):
        with pytest.raises(UsageError, match=told):
            refused(name, kind=kind)
    assert files(Path("taxonomy")) == before


def test_nothing_is_overwritten(project: Project, rye: Path) -> None:
    there = Path("taxonomy/tags/rye.md")
    assert project.definitions.categories  # another program writes it after they were read
    there.write_text("no definition\n")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        project.add_definition(rye)
    assert there.read_text() == "no definition\n"


def test_the_kind_may_be_named(project: Project, rye: Path) -> None:
    written = project.add_definition(rye, kind="concepts")
    assert written.resolve() == Path("taxonomy/concepts/rye.md").resolve()
