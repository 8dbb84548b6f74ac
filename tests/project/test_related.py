"""The nearest articles of every article of a site."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.site import write_article

from classifier.errors import OutputError, UsageError
from classifier.project import Project
from classifier.project.related import RelatedOptions
from classifier.scorers.embedded import documents

WORDS = ("rocket", "sail", "bread")


class _Space:
    """Tells articles apart by words, as a sentence model does by meaning."""

    opened = 0

    def __init__(self, cache: object, *, model: Path | str | None) -> None:
        type(self).opened += 1

    def rows(self, digests: object, read: Callable[[str], object]) -> dict[str, np.ndarray]:
        return {one: self._row(read(one).body) for one in digests}  # type: ignore[attr-defined]

    def table(self, rows: list[np.ndarray]) -> np.ndarray:
        return np.stack(rows)

    def _row(self, body: str) -> np.ndarray:
        counts = np.asarray([0.1 + body.lower().count(word) for word in WORDS], np.float32)
        return counts / np.linalg.norm(counts)


@pytest.fixture
def content(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(documents, "DocumentSpace", _Space)
    _Space.opened = 0
    folder = site / "content"
    for name, body in {
        "blog/moon": "Rocket, rocket and rocket.",
        "blog/orbit": "Rocket, rocket, sail.",
        "news/regatta": "Sail, sail and sail.",
        "news/launch": "Rocket, rocket and a rocket again.",
        "news/loaf/index": "Bread, bread and bread.",
    }.items():
        write_article(folder / f"{name}.md", body)
    write_article(folder / "news/secret.md", "Rocket, rocket and rocket, soon.", "draft: true\n")
    for path in folder.rglob("*.md"):
        os.utime(path, (1e9, 1e9))
    return folder


def references(lists: object, path: str) -> list[str]:
    return [one.page.reference for one in lists[path][1]]  # type: ignore[index]


def test_the_nearest_come_first_without_the_article_itself_and_drafts(
    project: Project, content: Path
) -> None:
    lists = project.related("content", options=RelatedOptions(top=1))
    assert len(lists) == 6
    assert references(lists, "content/blog/moon.md") == ["news/launch.md", "blog/orbit.md"]
    assert "news/secret.md" not in {ref for path in lists for ref in references(lists, path)}
    assert references(lists, "content/news/secret.md")  # a preview of it shows some


def test_shared_labels_are_named_and_bring_articles_nearer(project: Project, content: Path) -> None:
    write_article(content / "a.md", "Cheese, cheese, cheese and a rocket.")
    write_article(content / "b.md", "Cheese, cheese, cheese and a sail.")
    bare = dict(_similarities(project, "content/a.md"))
    project.run("content")
    lists = project.related("content")
    (near,) = (it for it in lists["content/a.md"][1] if it.page.reference == "b.md")
    assert near.labels == ("tags/cheese",)
    assert near.similarity > bare["b.md"]


def _similarities(project: Project, path: str) -> list[tuple[str, float]]:
    found = project.related("content")[path][1]
    return [(it.page.reference, it.similarity) for it in found]


def test_one_file_for_all_is_written_once(project: Project, content: Path) -> None:
    first = project.write_related("content")
    assert (first.articles, first.drafts, first.written) == (6, 1, 1)
    found = json.loads(Path("data/related.json").read_text())["articles"]
    assert set(found) >= {"blog/moon.md", "news/loaf"}
    opened = _Space.opened
    again = project.write_related("content")
    assert (again.articles, again.written, again.unchanged) == (6, 0, 1)
    assert _Space.opened == opened  # nothing was compared


def test_what_is_changed_or_deleted_is_made_anew(project: Project, content: Path) -> None:
    project.write_related("content")
    output = Path("data/related.json")
    output.unlink()
    assert project.write_related("content").written == 1
    write_article(content / "blog/moon.md", "Sail, sail and sail, at night.")
    assert project.write_related("content").written == 1
    near = json.loads(output.read_text())["articles"]["blog/moon.md"]
    assert near[0]["reference"] == "news/regatta.md"
    write_article(content / "news/regatta.md", "Sail, sail and sail.", "draft: true\n")
    project.write_related("content")
    assert "news/regatta.md" not in {
        it["reference"] for it in json.loads(output.read_text())["articles"]["blog/moon.md"]
    }


def test_new_labels_are_a_change(project: Project, content: Path) -> None:
    project.write_related("content")
    project.run("content")
    project.write_related("content")
    found = json.loads(Path("data/related.json").read_text())["articles"]
    assert not any(it["labels"] for near in found.values() for it in near)  # none has another's
    write_article(content / "blog/rye.md", "Bread, bread and rye.")
    project.run("content")
    project.write_related("content")
    found = json.loads(Path("data/related.json").read_text())["articles"]
    (loaf,) = (it for it in found["blog/rye.md"] if it["reference"] == "news/loaf")
    assert loaf["labels"] == ["tags/bread"]


def test_a_file_for_each_article_in_the_layout_of_the_seed(project: Project, content: Path) -> None:
    for number, path in enumerate(sorted(content.rglob("*.md"))):
        meta = f"ItemId: id-{number}\nItemKind: resource\nItemType: blog\n"
        text = path.read_text()
        path.write_text(text.replace("---\ntitle", f"---\n{meta}title", 1))
    options = RelatedOptions(
        output="site/data/{ItemKind}/{ItemType}/{ItemId}/related.json", section="ItemType", top=2
    )
    done = project.write_related("content", options=options)
    assert (done.written, done.errors) == (6, ())
    found = json.loads(Path("site/data/resource/blog/id-0/related.json").read_text())
    assert found["target"]["Reference"] == "blog/moon.md"
    assert [it["EntryType"] for it in found["related"]] == ["blog", "blog"]
    assert project.write_related("content", options=options).written == 0


def test_an_article_without_a_key_of_the_path_is_named(project: Project, content: Path) -> None:
    write_article(content / "blog/moon.md", "Rocket, rocket.", "ItemId: ../../../etc\n")
    done = project.write_related("content", options=RelatedOptions(output="d/{ItemId}.json"))
    assert len(done.errors) == 6
    assert any("is no name of a file" in line for line in done.errors)
    assert not Path("d").exists()


def test_two_articles_never_share_a_file(project: Project, content: Path) -> None:
    options = RelatedOptions(output="{folder}/related.json")
    done = project.write_related("content", options=options)
    assert (done.written, len(done.errors)) == (3, 3)
    assert "is the file of" in done.errors[0]


def test_a_front_matter_key_gets_the_references(project: Project, content: Path) -> None:
    path = content / "blog/moon.md"
    before = path.read_text()
    options = RelatedOptions(field="related", top=1)
    assert project.write_related("content", options=options).written == 6
    added = "related:\n  - news/launch.md\n  - blog/orbit.md\n"
    assert path.read_text().replace(added, "") == before
    assert project.write_related("content", options=options).written == 0


def test_what_is_no_list_of_ours_is_never_replaced(project: Project, content: Path) -> None:
    Path("mine.json").write_text('{"mine": true}')
    with pytest.raises(OutputError, match="name another file"):
        project.write_related("content", options=RelatedOptions(output="mine.json"))
    assert Path("mine.json").read_text() == '{"mine": true}'


def test_one_article_alone_or_two_outputs_are_refused(project: Project, content: Path) -> None:
    with pytest.raises(UsageError, match="name a folder"):
        project.related("content/blog/moon.md")
    with pytest.raises(UsageError, match="not both"):
        project.write_related("content", options=RelatedOptions(field="x", output="y.json"))
    with pytest.raises(UsageError, match="at least one"):
        project.related("content", options=RelatedOptions(top=0))
