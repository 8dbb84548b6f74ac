from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.cli_sites import RAIN
from support.keyword_scorer import KeywordScorer

from classifier import composition, trained
from classifier.errors import SettingsError, UsageError
from classifier.models import Outcome, Task
from classifier.project import Project
from classifier.project.events import ArticleJudged, Event
from classifier.project.gold import GoldSource, StoredLabels
from classifier.scorers.panel import Panel
from classifier.training.calibrate import MinimumTarget
from classifier.training.targets import MetricTarget

KEYWORDS = "keywords:counting:0123456789"
RECALL = MinimumTarget(target=MetricTarget("recall", 0.7))
ARTICLES = 40


@pytest.fixture
def gold(site: Path) -> Path:
    """Articles that name tags, and people who know that only every other one is about bread."""
    rows = ["article,category,value"]
    (site / "site").mkdir()
    for n in range(ARTICLES):
        words = ["Bread."] * (n % 4) + ["Wine."] * (n % 3)
        (site / f"site/{n:02}.md").write_text(f"Article {n}. {' '.join(words)}\n")
        rows += [
            f"site/{n:02}.md,bread,{n % 4 > 1 and n % 8 > 3}",
            f"site/{n:02}.md,wine,{n % 3 > 1}",
        ]
    path = site / "gold.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_labels_move_the_confidences_of_other_articles(labelled: Path) -> None:
    (labelled / "new.md").write_text(f"---\ntitle: News\n---\n{RAIN}\n")
    bread = labelled / "taxonomy/tags/bread.md"
    mark = "# A draft by `classify init` from 8 articles: edit it."
    bread.write_text(bread.read_text().replace("---", f"---\n{mark}", 1))
    with Project.open() as project:
        before = project.only(categories=["bread"]).classify(Path("new.md"))
        result = project.train("site", fields=["tags"])
    (kind,) = result.kinds
    assert (kind.kind, kind.articles, kind.labelled_pairs) == ("tags", 24, 96)
    assert result.artifact.use == "used"
    assert (result.source, result.failures, result.stale_pairs) == ("site", (), 0)
    assert result.drafted == 1
    assert kind.after.f1 is not None
    assert kind.before.f1 is not None
    assert kind.after.f1.value > kind.before.f1.value
    assert result.examples == sum(len(one.examples) for one in result.content.examples.values())
    with Project.open() as project:
        after = project.only(categories=["bread"]).classify(Path("new.md"))
        again = project.train("site", fields=["tags"])
    assert before.labels == {"tags": []}
    assert after.labels == {"tags": ["Bread"]}
    assert after.judgements[0].raw > before.judgements[0].confidence + 0.2
    assert trained.load(again.artifact.path) == result.content


@pytest.mark.slow
def test_without_options_the_field_of_the_settings_or_of_the_kind_is_read(labelled: Path) -> None:
    with Project.open() as project:
        plain = project.train("site")
    with (labelled / "classify.toml").open("a") as settings:
        settings.write('[fields.tags]\nname = "tags"\n')
    with Project.open() as project:
        again = project.train()
    assert again.content.kinds["tags"].corrections == plain.content.kinds["tags"].corrections


@pytest.mark.slow
def test_several_folders_and_patterns_are_one_source(labelled: Path) -> None:
    (labelled / "more").mkdir()
    for n in range(12, 24):
        (labelled / f"site/{n:02}.md").rename(labelled / f"more/{n:02}.md")
    with Project.open() as project:
        assert project.train("site", "more").kinds[0].articles == 24
        some = project.only(include=["*[0-4].md"]).train("site", "more")
    assert some.kinds[0].articles == 14


@pytest.mark.slow
def test_verdicts_count_beside_labels_and_win_over_them(labelled: Path) -> None:
    with Project.open() as project:
        project.reject("site/02.md", "bread")
        project.accept("lunch.md", "bread")
        result = project.train("site")
    bread = [c.id for c in result.kinds[0].pairs.categories].index("tags/bread")
    truth = dict(
        zip(result.kinds[0].pairs.articles, result.kinds[0].pairs.truth[:, bread], strict=True)
    )
    assert truth["lunch.md"]
    assert not truth["site/02.md"]
    assert result.source == "site, verdicts"


@pytest.mark.slow
def test_labels_that_apply_wrote_are_left_out_also_in_a_fresh_clone(
    labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (labelled / "site/99.md").write_text(f"---\ntitle: Note 99\n---\n{RAIN} Number 99.\n")
    with Project.open() as project:
        before = project.train("site").kinds[0]
        project.run("site")
        project.apply("site")
    assert "Bread" in (labelled / "site/99.md").read_text().split("---")[1]
    clone = tmp_path / "clone"
    clone.mkdir()
    for path in labelled.rglob("*"):
        if path.is_file() and ".classify" not in path.parts and clone not in path.parents:
            place = clone / path.relative_to(labelled)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    monkeypatch.chdir(clone)
    with Project.open() as project:
        after = project.train("site").kinds[0]
        report = project.evaluate(GoldSource("site", ["tags"])).report
    assert (after.articles, after.labelled_pairs) <= (before.articles, before.labelled_pairs)
    assert "site/99.md" not in after.pairs.articles
    assert int((after.pairs.truth & after.pairs.known).sum()) == 16
    assert report.groups[0].positives == 16


@pytest.mark.slow
def test_training_one_kind_keeps_what_another_has_and_leaves_its_pairs_alone(
    labelled: Path,
) -> None:
    for n in range(24):
        path = labelled / f"site/{n:02}.md"
        path.write_text(
            path.read_text().replace("\n---\n", f"\nconcepts: [{'Craft' * (n % 3 == 0)}]\n---\n", 1)
        )
    with Project.open() as project:
        both = project.train("site")
        assert {kind.kind for kind in both.kinds} == {"tags", "concepts"}
    with Project.open() as project:
        project.run("site")
        project.reject("site/01.md", "wine")
        project.reject("site/04.md", "wine")
        result = project.only(kinds=["tags"]).train("site")
    assert result.content.kinds["concepts"] == both.content.kinds["concepts"]
    assert result.content.kinds["tags"] != both.content.kinds["tags"]
    with Project.open() as project:
        estimate = project.estimate("site")
        changed = {
            c.id
            for c in project.taxonomy.categories
            if c.digest not in {d.digest for d in both.content.corrected(_plain(project))}
        }
    assert changed
    assert all(name.startswith("tags/") for name in changed)
    assert estimate.scan.pending_pairs == 24 * len(changed)


def _plain(project: Project):
    with Project.open(trained="off") as plain:
        return plain.definitions.categories


@pytest.mark.slow
def test_a_calibration_or_minimum_makes_nothing_stale(labelled: Path) -> None:
    with Project.open() as project:
        path = project.train("site").artifact.path
    with Project.open() as project:
        project.run("site")
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"calibrations": {}}))
    with Project.open() as project:
        assert project.estimate("site").scan.pending_pairs == 0


@pytest.mark.slow
def test_an_article_that_cannot_be_read_is_left_out_and_returned(labelled: Path) -> None:
    rows = [f"site/{n:02}.md,bread,{n % 3 == 2}" for n in range(12)]
    (labelled / "gold.csv").write_text("\n".join(["article,category,value", *rows]) + "\n")
    (labelled / "site/00.md").write_bytes(b"---\ntitle: \xff\n---\n")
    with Project.open() as project:
        result = project.train("gold.csv")
    assert len(result.failures) == 1
    assert not result.complete
    assert result.kinds[0].articles == 11


def test_too_few_labels_write_nothing(labelled: Path) -> None:
    rows = [f"site/{n:02}.md,bread,yes" for n in range(3)]
    (labelled / "gold.csv").write_text("\n".join(["article,category,value", *rows]) + "\n")
    with Project.open() as project:
        with pytest.raises(UsageError, match=r"too few labels .*tags: 3 pairs on 3 articles"):
            project.train("gold.csv")
        with pytest.raises(UsageError, match="no labels to train on"):
            project.train()
        with pytest.raises(UsageError, match=r"has a field 'nothing'.*`fields=NAME`"):
            project.train("site", fields=["nothing"])
    assert not (labelled / "taxonomy/trained.json").exists()


@pytest.mark.slow
def test_a_scorer_teaches_by_what_it_has_judged_and_people_win(labelled: Path) -> None:
    rows = [f"site/{n:02}.md,bread,{n % 3 == 2}" for n in range(3)]
    (labelled / "gold.csv").write_text("\n".join(["article,category,value", *rows]) + "\n")
    with Project.open() as project:
        project.run("site")
        teacher = StoredLabels(project.scorer.identity, weight=0.5)
        tags = project.only(kinds=["tags"])
        (alone,) = tags.train(teacher).kinds
        (both,) = tags.train(teacher, "gold.csv").kinds
    assert alone.articles == both.articles == 24
    bread = [category.id for category in both.pairs.categories].index("tags/bread")
    place = both.pairs.articles.index("site/02.md")
    assert both.pairs.truth[place, bread]
    assert not alone.pairs.truth[alone.pairs.articles.index("site/02.md"), bread]


# --- any other scorer -----------------------------------------------------------------------------


@pytest.mark.slow
def test_another_scorer_is_calibrated_by_what_it_has_judged(
    project: Project, gold: Path, site: Path
) -> None:
    result = project.train(gold)
    assert result.artifact.path == site / "taxonomy/trained.json"
    assert ([kind.kind for kind in result.kinds], result.without_labels) == (
        ["tags"],
        ("concepts",),
    )
    assert result.complete
    assert (result.scorer, result.unjudged) == (KEYWORDS, False)
    fits = trained.load(result.artifact.path).calibrations
    assert fits[KEYWORDS].gold == str(gold)
    assert any(name.startswith("embedded:") for name in fits)
    with Project.open() as again:
        assert again.classify(site / "lunch.md").judgements[0].kind == "calibrated"


class Sceptic(KeywordScorer):
    """Half as sure as the other."""

    @property
    def identity(self) -> str:
        return "sceptic:halving:0123456789"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for outcome in super().score(tasks):
            halved = [replace(j, confidence=j.confidence / 2) for j in outcome.judgements]
            yield replace(outcome, judgements=tuple(halved))


@pytest.mark.slow
def test_the_confidence_of_a_panel_is_calibrated_like_any_other(
    gold: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = Panel([KeywordScorer(), Sceptic()])
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: panel)
    with Project.open() as project:
        result = project.train(gold)
        assert (result.scorer, result.unjudged, result.complete) == (panel.identity, False, True)
        fits = trained.load(result.artifact.path).calibrations
        assert fits[panel.identity].gold == str(gold)
        # Its judgements are not judged again with what was trained.
        assert project.only(kinds=["tags"]).run("site").progress.pairs == 0
    with Project.open() as project:
        judged = project.classify(site / "site/07.md").judgements
    assert {judgement.kind for judgement in judged if judgement.category == "tags/bread"} == {
        "calibrated"
    }
    assert all(set(judgement.aspects) == {"keywords", "sceptic"} for judgement in judged)


@pytest.mark.slow
def test_what_is_trained_is_no_part_of_the_next_training(project: Project, gold: Path) -> None:
    project.train(gold)  # judges, and examples are chosen by what is judged
    first = project.train(gold).artifact.path.read_bytes()
    assert project.train(gold).artifact.path.read_bytes() == first


@pytest.mark.slow
def test_a_target_becomes_the_minimum(project: Project, gold: Path) -> None:
    found = project.train(gold, target=RECALL).content.calibrations[KEYWORDS]
    assert found.minimum_of_kinds["tags"].target == "recall"
    assert found.minimum_of_kinds["tags"].value == 0.7
    found = project.train(gold).content.calibrations[KEYWORDS]
    assert all(minimum.target == "f1" for minimum in found.minimum_of_kinds.values())


@pytest.mark.slow
def test_minimums_of_the_settings_win_and_are_named(gold: Path, site: Path, keywords: None) -> None:
    with (site / "classify.toml").open("a") as settings:
        settings.write("[rules.tags]\nminimum = 0.99\n")
    with Project.open() as project:
        assert project.train(gold, target=RECALL).overridden == ("tags",)
        result = project.train(gold)
        assert result.overridden == ()
        assert result.kinds[0].after.recall <= result.kinds[0].before.recall + 1e-9
        assert project.policy.taxonomy.minimum(project.policy.taxonomy.categories[1]) == 0.99


@pytest.mark.slow
def test_what_other_scorers_have_in_the_file_is_kept(project: Project, gold: Path) -> None:
    path = project.train(gold).artifact.path
    content = json.loads(path.read_text())
    content["calibrations"]["another:one:1"] = content["calibrations"].pop(KEYWORDS)
    path.write_text(json.dumps(content))
    found = project.train(gold).content.calibrations
    assert {KEYWORDS, "another:one:1"} < found.keys()


@pytest.mark.slow
def test_the_files_of_version_0_2_are_taken_over(project: Project, gold: Path, site: Path) -> None:
    old = site / "taxonomy/calibration.json"
    fit = {"fitted": "2026-01-01", "gold": "old.csv"}
    old.write_text(json.dumps({"version": 1, "scorers": {"another:one:1": fit}}))
    result = project.train(gold)
    assert result.superseded == (old,)
    assert result.content.calibrations["another:one:1"].gold == "old.csv"
    assert project.train(gold).superseded == ()


def test_a_file_that_cannot_be_used_is_reported_before_anything_is_judged(
    project: Project, gold: Path, site: Path, events: list[Event]
) -> None:
    (site / "mine.json").write_text("{")
    with pytest.raises(SettingsError, match="is not a file of `classify train`"):
        project.train(gold, output=site / "mine.json")
    assert not any(isinstance(event, ArticleJudged) for event in events)
    assert (site / "mine.json").read_text() == "{"


@pytest.mark.slow
def test_another_file_or_a_setting_that_is_off_is_told(
    project: Project, gold: Path, site: Path, keywords: None
) -> None:
    assert project.train(gold, output="mine.json").artifact.use == "elsewhere"
    with Project.open(trained="off") as off:
        assert off.train(gold).artifact.use == "off"
    with Project.open(trained="mine.json") as named:
        assert named.train(gold).artifact.path == Path("mine.json")


def test_the_example_categories_have_no_place_for_the_file(
    gold: Path, site: Path, keywords: None
) -> None:
    (site / "classify.toml").write_text("")
    with Project.open() as project, pytest.raises(UsageError, match="`output=FILE`"):
        project.train(gold)
