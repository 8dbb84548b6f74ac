"""Gold labels as people keep them: tables, and articles with front matter."""

from __future__ import annotations

from pathlib import Path

from classifier.evaluation.gold import Gold

KINDS = {
    "concepts": {"concepts/craft", "concepts/trade"},
    "tags": {"tags/craft", "tags/rye-bread", "tags/wine"},
}


def table(site: Path, text: str, name: str = "gold.csv") -> Path:
    (site / name).write_text(text, encoding="utf-8")
    return Path(name)


def given(gold: Gold, article: str) -> set[str]:
    return {category for category, belongs in gold.labels[article].items() if belongs}


def labelled(site: Path, **metas: str) -> Path:
    for name, meta in metas.items():
        front = f"---\n{meta}\n---\n" if meta else ""
        (site / "content" / f"{name}.md").write_text(f"{front}Some words.\n", encoding="utf-8")
    return Path("content")
