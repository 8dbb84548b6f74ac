"""Articles for tests that work on a site."""

from __future__ import annotations

from pathlib import Path


def write_article(path: Path, body: str, meta: str = "") -> Path:
    """Write an article that is titled like its file; `meta` is more front matter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: {path.stem.title()}\n{meta}---\n{body}\n", encoding="utf-8")
    return path


def write_content(folder: Path) -> None:
    """Write an article about each of three tags to content/ in a folder."""
    for name in ("bread", "cheese", "wine"):
        write_article(folder / "content" / f"{name}.md", f"{name} " * 9)
