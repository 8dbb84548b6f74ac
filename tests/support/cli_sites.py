"""Sites that several commands, and their pages, are tried on."""

from __future__ import annotations

from pathlib import Path

from support.repository import git

LUNCH = """---
title: Lunch
tags:   # by hand
  - Picnic
  - cheese
date: 2024-01-02
---
Bread, more bread and bread again. Cheese too.
"""
"""Its tags were written by hand."""
BREAD_TEXT = "---\ntitle: Lunch\ntags: [Picnic]\n---\nBread, more bread and bread again.\n"
ENTRY = {
    "category": "Wine",
    "calculated_at": "2024-05-06T07:08:09",
    "ai_confidence": 90.0,
    "ai_mentions": 120,
    "final_score": 84.0,
    "reasoning": "A glass of it.",
    "level": "Primary",
}
"""A judgement in an older sidecar."""


def write_published(project: Path) -> Path:
    """Two articles in a folder, one with a tag."""
    folder = project / "site"
    folder.mkdir()
    (folder / "a.md").write_text(BREAD_TEXT)
    (folder / "b.md").write_text("---\ntitle: Other\n---\nNothing of the kind.\n")
    return folder


def write_dinner_gold(project: Path) -> Path:
    """A second article, and gold labels of both.

    What the keyword scorer thinks of lunch is: bread 0.9, cheese 0.45, olives and wine 0.1.
    """
    (project / "dinner.md").write_text("---\ntitle: Dinner\n---\nWine, wine and wine.\n")
    path = project / "gold.csv"
    path.write_text(
        "article,category,note\nlunch.md,bread,it is all about bread\nlunch.md,wine,a red one\n"
        "dinner.md,wine,\n"
    )
    return path


def write_contradiction(project: Path) -> None:
    """A definition that excludes what it includes."""
    (project / "taxonomy" / "tags" / "cheese.md").write_text(
        "---\ntitle: Cheese\ndescription: Milk that has been left alone\n"
        "include: [Rennet]\nexclude: [rennet]\n---\n"
    )


def write_gold(project: Path, *, articles: int) -> Path:
    """Articles that name tags, and people who know that only every other one is about bread."""
    rows = ["article,category,value"]
    for n in range(articles):
        path = project / "site" / f"{n:02}.md"
        path.parent.mkdir(exist_ok=True)
        words = ["Bread."] * (n % 4) + ["Wine."] * (n % 3)
        path.write_text(f"Article {n}. {' '.join(words)}\n")
        rows += [
            f"site/{n:02}.md,bread,{n % 4 > 1 and n % 8 > 3}",
            f"site/{n:02}.md,wine,{n % 3 > 1}",
            f"site/{n:02}.md,olives,False",
        ]
    file = project / "gold.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


BREAD = "Our bakers knead the dough at four in the morning and bake it in a stone oven."
WINE = "The vineyard rests in winter; the grapes of last autumn ripen in the cellar's barrels."
RAIN = "It rained for a week, and the roof of the town hall had to be mended twice."


def write_mislabelled(project: Path) -> Path:
    """Articles whose editors see bread in what is about weather, and nowhere else."""
    for n in range(24):
        path = project / "site" / f"{n:02}.md"
        path.parent.mkdir(exist_ok=True)
        text, tag = [(BREAD, "[]"), (WINE, "[wine]"), (RAIN, "[bread]")][n % 3]
        path.write_text(f"---\ntitle: Note {n}\ntags: {tag}\n---\n{text} Number {n}.\n")
    return project / "site"


def write_lunch_and_trip(project: Path) -> Path:
    """Two articles in a folder."""
    folder = project / "site"
    folder.mkdir()
    (project / "lunch.md").rename(folder / "lunch.md")
    (folder / "trip").mkdir()
    (folder / "trip/index.md").write_text("---\ntitle: Trip\n---\nWine, wine and olives.\n")
    return folder


def commit_definitions(project: Path) -> Path:
    """Three articles stored; the definitions are committed."""
    (project / "site").mkdir()
    for name, text in {"a": "Bread " * 9, "b": "Cheese " * 9, "c": "Wine " * 9}.items():
        (project / "site" / f"{name}.md").write_text(f"---\ntitle: {name}\n---\n{text}\n")
    git(".", "init", "-q")
    git(".", "add", "taxonomy")
    git(".", "commit", "-q", "-m", "definitions")
    return project


def write_three_articles(project: Path) -> Path:
    texts = {"a": "Bread, bread, bread.", "b": "Cheese.", "sub/c": "Wine, wine."}
    for name, text in texts.items():
        path = project / "site" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: {name}\n---\n{text}\n")
    return project
