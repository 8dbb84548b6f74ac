"""A site as NKDAgility.com keeps its own, rebuilt small: every part of it works in place."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from support import seed_settings
from support.chat_server import ChatServer, Reply, completion, judge

from classifier.project import Project
from classifier.project.related import RelatedOptions
from classifier.project.renewal import RenewOptions
from classifier.scorers.embedded import documents

SETTINGS = f"""\
{seed_settings.CONTENT}
scorer = "openai"
model = "m1"
base_url = "URL"
imported_first = true
category_pages = true
sidecar_path = "site/data/{{ItemKind}}/{{ItemType}}/{{ItemId}}/classifications.json"
sidecar_kinds = ["marketing"]
{seed_settings.RULES}
[rules.concepts.sections."content/tags"]
minimum = 0.10
{seed_settings.DERIVED}
[links]
template = '[{{text}}]({{{{< ref "/{{id}}" >}}}})'
opt_out = "CrossLinkingInContent"
"""
TERMS = {
    "categories/kanban": "Kanban",
    "categories/none": "Uncategorized",
    "tags/scrum": "Scrum",
    "concepts/flow": "Flow",
    "marketing/buyers": "Buyers",
}
BEFORE_AUGUST = {"non_ai_confidence": 20, "ai_mentions": 70, "ai_depth": 40}
SINCE_OCTOBER = {
    "resourceId": "KjIhGfEdCbA",
    "itemId": "KjIhGfEdCbA",
    "ai_mentions": 0.7,
    "ai_depth": 6.1,
    "ai_penalties_applied": False,
    "ai_penalty_points": 0,
    "ai_penalty_details": "none",
    "reasoning_summary": "In short.",
}
DRAFT = {
    "description": "Working in short cycles as a team.",
    "scope": "An article belongs that is about working by the rules of Scrum.",
    "key_topics": ["sprints", "daily meetings"],
    "exclusions": ["limits of work in progress"],
}


class _Space:
    """Vectors without a model: by the length of the text."""

    def __init__(self, cache: object, *, model: Path | str | None) -> None:
        pass

    def rows(self, digests, read) -> dict[str, np.ndarray]:
        angle = {one: len(read(one).body) / 500 for one in digests}
        return {one: np.asarray([np.cos(a), np.sin(a)], np.float32) for one, a in angle.items()}

    def table(self, rows: list[np.ndarray]) -> np.ndarray:
        return np.stack(rows)


def _entry(title: str, score: float, **more: object) -> dict[str, object]:
    common = {"category": title, "calculated_at": "2025-10-31T18:54:08", "ai_confidence": score}
    return {title: {**common, "final_score": score, "reasoning": "So.", "level": "x", **more}}


def _bundle(name: str, item: str, text: str, more: str = "") -> Path:
    path = Path("content/resources/blog", name, "index.md")
    path.parent.mkdir(parents=True)
    meta = f"title: {name}\nItemKind: resource\nItemType: blog\nItemId: {item}\n{more}"
    path.write_text(f"---\n{meta}---\n{text}\n")
    return path


@pytest.fixture
def seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ChatServer, api_key: None
) -> dict[str, Path]:
    """The articles: one with a file beside it, one with a file in the data folder, two with none.

    Definitions are term pages among them.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(documents, "DocumentSpace", _Space)
    Path("classify.toml").write_text(SETTINGS.replace("URL", server.url))
    for place, title in TERMS.items():
        page = Path("content", place, "_index.md")
        page.parent.mkdir(parents=True)
        kind = place.partition("/")[0]
        page.write_text(
            f"---\ntitle: {title}\nClassificationType: {kind}\n---\nAbout {title} and flow.\n"
        )
    found = {
        "old": _bundle("old", "AbCdEfGhIjK", "We began with Kanban. Later came Scrum."),
        "new": _bundle("new", "KjIhGfEdCbA", "# Scrum\n\nNo more Scrum, said the buyers."),
        "bare": _bundle("bare", "BareBareBar", "On Scrum, Scrum and Scrum.", "tags: [Scrum]\n"),
        "quiet": _bundle(
            "quiet",
            "QuietQuietQ",
            "Scrum in peace.",
            "CrossLinkingInContent: false\ntags: [Scrum]\n",
        ),
    }
    beside = found["old"].with_name("data.index.classifications.json")
    entries = _entry("Kanban", 81, **BEFORE_AUGUST) | _entry("Scrum", 90, **SINCE_OCTOBER)
    entries |= _entry("Uncategorized", 5) | _entry("Flow", 70) | _entry("Gone", 50)
    beside.write_text(json.dumps(entries))
    marketing = beside.with_name("data.index.classifications.marketing.json")
    marketing.write_text(json.dumps(_entry("Buyers", 88)))
    place = Path("site/data/resource/blog/KjIhGfEdCbA/classifications.json")
    place.parent.mkdir(parents=True)
    entries = _entry("Kanban", 24, **SINCE_OCTOBER) | _entry("Scrum", 0, **SINCE_OCTOBER)
    entries |= _entry("Uncategorized", 5, **SINCE_OCTOBER) | _entry("Flow", 90, **SINCE_OCTOBER)
    place.write_text(json.dumps(entries | _entry("Buyers", 10, **SINCE_OCTOBER)))
    return found | {"place": place}


def _front(path: Path) -> str:
    return path.read_text().partition("\n---\n")[0]


def _asked(server: ChatServer) -> int:
    count = len(server.requests)
    server.requests.clear()
    return count


def _contents() -> dict[Path, bytes]:
    folders = (Path("content"), Path("site"))
    return {path: path.read_bytes() for it in folders for path in it.rglob("*") if path.is_file()}


def test_the_site_of_the_seed_works_in_place(seed: dict[str, Path], server: ChatServer) -> None:
    old, new, bare, quiet = (seed[name] for name in ("old", "new", "bare", "quiet"))
    with Project.open() as project:
        _imported_judgements_come_first(project, seed, server)
        _links_are_put_in_and_stay(project, seed)
        _related_articles_are_written(project)
        _pages_of_categories_are_judged_by_other_kinds(project)
        _old_judgements_are_made_again(project, server)
        _sidecars_go_to_their_places(project, seed)
        _a_definition_is_drafted(project, server)
        applied = project.apply()
        assert applied.ok
        pages = {Path(f"content/{name}/_index.md") for name in TERMS}
        assert set(applied.changed) == {old, new, bare, quiet, *pages}
        contents = _contents()
        assert project.run().progress.due_pairs == 0
        assert project.apply().changed == ()
        assert project.link().changed == ()
        assert project.write_sidecars().written == 0
        assert _contents() == contents
        assert _asked(server) == 0
    assert "categories:\n  - Kanban\n" in _front(old)
    assert "marketing:\n  - Buyers" in _front(old)
    assert "weight: 145" in _front(old)
    assert "sitemap:\n  priority: 0.7" in _front(old)
    assert "concepts:\n  - Flow" in _front(new)
    assert "categories:\n  - Uncategorized" in _front(new)
    assert "weight: 1000" in _front(new), "one of the two is 0 %"
    assert "sitemap:\n  priority: 0.5" in _front(new)


def _imported_judgements_come_first(
    project: Project, seed: dict[str, Path], server: ChatServer
) -> None:
    assert project.import_sidecars(seed["place"]).judgements == 5
    imported = project.import_sidecars("content")
    assert (imported.judgements, imported.stored, imported.unmatched) == (5, 5, {"Gone": 1})
    (error,) = project.import_sidecars(seed["bare"]).errors
    assert "has no sidecar" in error
    run = project.run()
    assert run.complete
    pages = [it.path for it in run.scan.entries if it.path.endswith("_index.md")]
    assert len(pages) == 5
    assert (run.progress.stored, run.progress.pairs) == (10, 10 + 18), "two were imported whole"
    assert _asked(server) == 2 + len(pages)
    judged = {Path(it.article).parent.name: it for it in run.results()}
    scrum = next(it for it in judged["old"].judgements if it.category == "tags/scrum")
    assert (scrum.aspects["mentions"], scrum.summary) == (0.07, "In short.")
    kanban = next(it for it in judged["old"].judgements if it.category == "categories/kanban")
    assert kanban.aspects["mentions"] == 0.7
    assert project.run().progress.due_pairs == 0


def _links_are_put_in_and_stay(project: Project, seed: dict[str, Path]) -> None:
    before = _contents()
    result = project.link()
    assert seed["quiet"] not in result.changed
    assert 'with [Kanban]({{< ref "/categories/kanban" >}}). Later' in seed["old"].read_text()
    assert '# Scrum\n\nNo more [Scrum]({{< ref "/tags/scrum" >}}), said' in seed["new"].read_text()
    assert 'On [Scrum]({{< ref "/tags/scrum" >}}), Scrum and Scrum.' in seed["bare"].read_text()
    assert project.link().changed == ()
    assert project.run().progress.due_pairs == 0, "what is judged stays judged"
    from classifier.project.link import LinkOptions

    project.link(options=LinkOptions(undo=True))
    assert _contents() == before
    project.link()


def _related_articles_are_written(project: Project) -> None:
    pattern = "site/data/{ItemKind}/{ItemType}/{ItemId}/related.json"
    options = RelatedOptions(section="ItemType", output=pattern)
    assert project.write_related(options=options).written == 4
    assert project.write_related(options=options).written == 0
    text = Path("site/data/resource/blog/AbCdEfGhIjK/related.json").read_text()
    found = json.loads(text)
    assert found["target"]["EntryId"] == "AbCdEfGhIjK"
    assert len(found["related"]) == 3


def _pages_of_categories_are_judged_by_other_kinds(project: Project) -> None:
    concepts = project.only(kinds=["concepts"])
    pages = [it.path for it in concepts.run().scan.entries if it.path.endswith("_index.md")]
    assert "content/concepts/flow/_index.md" not in pages
    assert len(pages) == 4
    concepts.apply("content/tags")
    assert "concepts:\n  - Flow" in _front(Path("content/tags/scrum/_index.md"))
    for result in project.run().results():
        if result.article.endswith("_index.md"):
            own = Path(result.article).parts[1]
            assert own not in {it.category.partition("/")[0] for it in result.judgements}
            assert result.ok


def _old_judgements_are_made_again(project: Project, server: ChatServer) -> None:
    _asked(server)
    with closing(sqlite3.connect(".classify/records.sqlite3")) as db, db:
        db.execute("UPDATE sheets SET judged_at = ?", (time.time() - 100 * 86_400,))
    oldest = RenewOptions(older_than=timedelta(days=90), at_most=1)
    run = project.run(renew=oldest)
    assert (run.progress.due_articles, _asked(server)) == (1, 1), "imported ones are never due"
    run = project.run(renew=RenewOptions(older_than=timedelta(days=90)))
    assert (run.progress.due_articles, _asked(server)) == (6, 6), "an article and five pages"


def _sidecars_go_to_their_places(project: Project, seed: dict[str, Path]) -> None:
    assert project.write_sidecars().errors == ()
    kanban = json.loads(seed["place"].read_text())["Kanban"]
    assert (kanban["final_score"], kanban["reasoning_summary"]) == (24, "In short.")
    data = Path("site/data/resource/blog/BareBareBar")
    assert "Buyers" not in json.loads((data / "classifications.json").read_text())
    marketing = json.loads((data / "classifications.marketing.json").read_text())
    assert list(marketing) == ["Buyers"]


def _a_definition_is_drafted(project: Project, server: ChatServer) -> None:
    server.always = lambda _: Reply(completion(json.dumps(DRAFT)))
    (found,) = project.draft_definitions("tags/scrum")
    assert "+  - daily meetings\n" in found.diff()
    assert (found.effect, "`judge`" in found.unmeasured) == (None, True)
    assert "daily meetings" not in found.path.read_text(), "a proposal"
    server.always = judge
    _asked(server)
