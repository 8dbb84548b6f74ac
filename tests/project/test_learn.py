from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.project import Project
from classifier.project.gold import GoldSource
from classifier.scorers.embedded import corrections

BREAD = "Our bakers knead the dough at four in the morning and bake it in a stone oven."
WINE = "The vineyard rests in winter; the grapes of last autumn ripen in the cellar's barrels."
RAIN = "It rained for a week, and the roof of the town hall had to be mended twice."
EDITORS = GoldSource("site", fields=("tags",))


@pytest.fixture
def labelled(site: Path) -> Path:
    """Articles whose editors see bread in what is about weather, and nowhere else."""
    (site / "site").mkdir()
    for n in range(12):
        text, tag = [(BREAD, "[]"), (WINE, "[wine]"), (RAIN, "[bread]")][n % 3]
        path = site / f"site/{n:02}.md"
        path.write_text(f"---\ntitle: Note {n}\ntags: {tag}\n---\n{text} Number {n}.\n")
    return site


def test_labels_move_the_confidences_of_other_articles(labelled: Path) -> None:
    (labelled / "new.md").write_text(f"---\ntitle: News\n---\n{RAIN}\n")
    with Project.open() as project:
        before = project.only(categories=["bread"]).classify(Path("new.md")).judgements[0]
        result = project.learn(EDITORS)
    (kind,) = result.kinds
    assert (kind.kind, kind.articles, kind.pairs) == ("tags", 12, 48)
    assert result.artifact.use == "used"
    assert (result.content.source, result.failures, result.stale_pairs) == ("site", (), 0)
    assert result.examples == sum(len(its.examples) for its in result.content.lessons.values())
    with Project.open() as project:
        after = project.only(categories=["bread"]).classify(Path("new.md")).judgements[0]
        again = project.learn(EDITORS)
    assert after.confidence > before.confidence + 0.2
    assert corrections.load(again.artifact.path) == result.content


def test_an_article_that_cannot_be_read_is_left_out_and_returned(labelled: Path) -> None:
    rows = [f"site/{n:02}.md,bread,{n % 3 == 2}" for n in range(12)]
    (labelled / "gold.csv").write_text("\n".join(["article,category,value", *rows]) + "\n")
    (labelled / "site/00.md").write_bytes(b"---\ntitle: \xff\n---\n")
    with Project.open() as project:
        result = project.learn("gold.csv")
    assert len(result.failures) == 1
    assert result.content.articles == 11


def test_too_few_labels_write_nothing(labelled: Path) -> None:
    rows = [f"site/{n:02}.md,bread,yes" for n in range(3)]
    (labelled / "gold.csv").write_text("\n".join(["article,category,value", *rows]) + "\n")
    with Project.open() as project:
        with pytest.raises(UsageError, match=r"too few labels .*tags: 3 pairs on 3 articles"):
            project.learn("gold.csv")
        with pytest.raises(UsageError, match="no verdicts"):
            project.learn()
    assert not (labelled / "taxonomy/learned.json").exists()
