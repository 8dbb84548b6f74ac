from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.evaluations import CATEGORIES, CONFIDENCE, judgement

from classifier.models import Category, Taxonomy
from classifier.store import JudgementSet, Store


@pytest.fixture
def kitchen() -> Taxonomy:
    """Two kinds; `craft` is a name in both."""

    def category(kind: str, slug: str, title: str, *aliases: str) -> Category:
        return Category(id=f"{kind}/{slug}", kind=kind, title=title, aliases=aliases)

    return Taxonomy(
        categories=(
            category("concepts", "craft", "Craft"),
            category("concepts", "trade", "Trade"),
            category("tags", "craft", "Craft"),
            category("tags", "rye-bread", "Bread, dark", "pumpernickel"),
            category("tags", "wine", "Wine"),
        )
    )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with three articles below `content`."""
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two", "three"):
        article(tmp_path / "content" / f"{name}.md")
    return tmp_path


def article(path: Path, meta: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    front = f"---\n{meta}\n---\n" if meta else ""
    path.write_text(f"{front}Some words.\n", encoding="utf-8")


@pytest.fixture
def store(store: Store) -> Store:
    for row, article in enumerate("abc"):
        judgements = {
            category.digest: judgement(category, confidence, f"because of {article}")
            for category, confidence in zip(CATEGORIES, CONFIDENCE[row], strict=True)
            if not np.isnan(confidence)
        }
        store.add(JudgementSet(scorer="me", article=article, judgements=judgements, judged_at=0))
    return store
