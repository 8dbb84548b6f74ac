"""Small sites as their generators have them, for `classify init`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

BAKING = "The sourdough starter was ready at dawn. A hot oven gives the sourdough loaf its crust."
CYCLING = "The bicycle needed a new chain before the tour. We rode the bicycle along the river."


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def article(meta: str, body: str = BAKING) -> str:
    return f"---\n{meta}\n---\n{body}\n"


def hugo(folder: Path, articles: int = 8) -> Path:
    """With a term page for one of its two tags."""
    posts = {
        f"content/posts/day-{n}.md": article(
            f"title: Day {n}\ndate: 2024-01-{n + 1:02}\ntags: [{['baking', 'bike-tours'][n % 2]}]",
            [BAKING, CYCLING][n % 2] + f" That was day {n} of the diary.",
        )
        for n in range(articles)
    }
    return write(
        folder,
        posts
        | {
            "hugo.toml": 'title = "Diary"\n',
            "content/posts/_index.md": article("title: Posts", ""),
            "content/tags/baking/_index.md": article("title: Baking", "Loaves and cakes."),
        },
    )


def jekyll(folder: Path, articles: int = 4) -> Path:
    posts = {
        f"_posts/2024-01-{n + 1:02}-day.md": article(
            f"layout: post\ntitle: Day {n}\ntags: diary {['baking', 'cycling'][n % 2]}",
            [BAKING, CYCLING][n % 2],
        )
        for n in range(articles)
    }
    data = (
        "- slug: baking\n  name: Baking\n  description: Loaves.\n- slug: cycling\n  name: Bikes\n"
    )
    return write(folder, posts | {"_config.yml": "title: Diary\n", "_data/tags.yml": data})


def docusaurus(folder: Path, articles: int = 4) -> Path:
    posts = {
        f"blog/2024-01-{n + 1:02}-day.mdx": article(
            f"title: Day {n}\ntags: [{['baking', 'cycling'][n % 2]}]", [BAKING, CYCLING][n % 2]
        )
        for n in range(articles)
    }
    tags = "baking:\n  label: Baking\n  description: Loaves.\n"
    return write(folder, posts | {"docusaurus.config.js": "", "blog/tags.yml": tags})


def obsidian(folder: Path, articles: int = 4) -> Path:
    notes = {
        f"Diary/Day {n}.md": article(
            "tags:\n  - diary" if n % 2 else "created: 2024-01-01",
            f"{[BAKING, CYCLING][n % 2]} #topic/{['baking', 'cycling'][n % 2]} See [[Day 1]].",
        )
        for n in range(articles)
    }
    templates = {"Templates/Note.md": article("tags: [template]", "{{title}}")}
    return write(folder, notes | templates | {".obsidian/app.json": "{}"})


def eleventy(folder: Path, articles: int = 4) -> Path:
    posts = {
        f"posts/day-{n}.md": article(
            f"title: Day {n}\ntags:\n  - diary\n  - {['baking', 'cycling'][n % 2]}",
            [BAKING, CYCLING][n % 2],
        )
        for n in range(articles)
    }
    return write(folder, posts | {"eleventy.config.js": "", "README.md": "How to build this.\n"})
