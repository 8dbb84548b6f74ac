"""What to merge, retire, split and add on a site."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.site import write_article

from classifier import taxonomy
from classifier.errors import UsageError
from classifier.project import Project, suggest
from classifier.project.suggest import drafted, write_drafts
from classifier.vocabulary.suggestions import Suggestions

SKY = "The rocket lifts off and the crew looks at the planet from orbit. "
SEA = "The sailors hoist the sails while the harbour fades behind the waves. "


class _Space:
    """Tells articles and names apart by a word, as a sentence model does by meaning."""

    def __init__(self, cache: object, *, model: Path | str | None) -> None:
        pass

    def articles(self, articles: object) -> np.ndarray:
        return self.names([article.body for article in articles])  # type: ignore[attr-defined]

    def names(self, names: list[str]) -> np.ndarray:
        words = (("rocket", "orbit", "crew"), ("sail", "harbour", "waves"), ("bread",))
        rows = [[float(any(w in name.lower() for w in of)) for of in words] for name in names]
        return np.asarray(rows, np.float32) + 0.01


@pytest.fixture
def content(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(suggest, "DocumentSpace", _Space)
    for n in range(5):
        write_article(site / "content" / f"sky{n}.md", SKY * 3 + f"Flight {n}.")
        write_article(site / "content" / f"sea{n}.md", SEA * 3 + f"Journey {n}.")
    for n in range(25):
        write_article(site / "content" / f"bread{n:02}.md", f"Bread, bread, bread. Loaf {n}.")
    return site / "content"


@pytest.fixture
def found(project: Project, content: Path) -> Suggestions:
    project.run("content")
    return project.suggest("content")


def test_articles_about_the_same_without_a_label_are_a_missing_category(
    found: Suggestions,
) -> None:
    assert (found.articles, found.unlabelled) == (35, 10)
    members = [{Path(path).stem[:3] for path in it.group.articles} for it in found.missing]
    assert sorted(members, key=min) == [{"sea"}, {"sky"}]
    sky = next(it for it in found.missing if "sky" in it.group.articles[0])
    assert len(sky.group.articles) == 5
    assert any(word in sky.group.title.lower() for word in ("rocket", "orbit", "crew"))
    assert sky.kind == "tags"


def test_categories_of_no_article_are_retired_and_wide_ones_split(found: Suggestions) -> None:
    assert {it.category.id for it in found.retire} >= {"tags/wine", "tags/olives"}
    assert [(it.category.id, it.articles, it.judged) for it in found.split] == [
        ("tags/bread", 25, 35)
    ]


def test_a_draft_is_a_definition_that_can_be_previewed_and_added(
    project: Project, found: Suggestions, site: Path
) -> None:
    written = write_drafts(found, site / "drafts")
    assert {path.parent for path in written} == {site / "drafts" / "tags"}
    assert taxonomy.load(written[0]).categories[0].title in {it.group.title for it in found.missing}
    project.preview_definition(written[0], "content")
    written[0].write_text("edited\n")
    assert write_drafts(found, site / "drafts") == []
    assert written[0].read_text() == "edited\n"


def test_what_a_draft_would_also_label_and_take_is_known(project: Project, content: Path) -> None:
    for n in range(2):
        write_article(content / f"both{n}.md", SKY * 9 + "Bread, bread.")
    project.run("content")
    missing = project.suggest("content").missing
    # The keyword scorer looks for the title, which is a word of these articles as well.
    sky = next(it for it in missing if "sky" in it.group.articles[0])
    assert [Path(path).stem for path in sky.others] == ["both0", "both1"]
    assert sky.takes == ()
    narrow = project.with_settings(at_most=1)
    sky = next(it for it in narrow.suggest("content").missing if "sky" in it.group.articles[0])
    assert {(Path(it.path).stem, it.category.id) for it in sky.takes} == {
        ("both0", "tags/bread"),
        ("both1", "tags/bread"),
    }


def test_a_category_that_people_use_is_not_retired(project: Project, content: Path) -> None:
    write_article(content / "bread00.md", "Bread, bread, bread.", "tags: [wine]\n")
    project.run("content")
    assert "tags/olives" in {it.category.id for it in project.suggest("content").retire}
    assert "tags/wine" not in {it.category.id for it in project.suggest("content").retire}


def test_without_definitions_all_articles_are_grouped(content: Path, keywords: None) -> None:
    Path("classify.toml").unlink()
    with Project.open() as bare:
        found = bare.suggest("content")
        assert bare.suggest() == found  # by now they are stored
    assert found.first
    assert (found.articles, found.merge, found.retire, found.split) == (35, (), (), ())
    members = {frozenset(Path(path).stem[:3] for path in it.group.articles) for it in found.missing}
    assert members == {frozenset({"sky"}), frozenset({"sea"}), frozenset({"bre"})}
    written = write_drafts(found, content.parent / "drafts")
    assert {path.parent.name for path in written} == {"topics"}


def test_nothing_of_the_definitions_is_changed(project: Project, content: Path) -> None:
    project.run("content")
    before = {path: path.read_bytes() for path in Path("taxonomy").rglob("*.md")}
    project.suggest("content")
    assert {path: path.read_bytes() for path in Path("taxonomy").rglob("*.md")} == before


def test_without_judgements_there_is_nothing_to_suggest(project: Project, content: Path) -> None:
    with pytest.raises(UsageError, match="no article is judged yet"):
        project.suggest("content")


def test_a_draft_reads_back_as_it_was_found(found: Suggestions, tmp_path: Path) -> None:
    path = tmp_path / "x" / "draft.md"
    path.parent.mkdir()
    path.write_text(drafted(found.missing[0]), encoding="utf-8")
    (category,) = taxonomy.load(path).categories
    assert category.title == found.missing[0].group.title
    assert category.instructions.topics == found.missing[0].group.terms
