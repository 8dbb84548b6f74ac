"""Which program builds a site, and where it keeps articles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TypeAlias

Generator: TypeAlias = Literal["Hugo", "Jekyll", "Eleventy", "Docusaurus", "Obsidian", "plain"]

_CONFIGS: Final[Mapping[str, Generator]] = {
    ".obsidian": "Obsidian",
    "docusaurus.config.*": "Docusaurus",
    "eleventy.config.*": "Eleventy",
    ".eleventy.js": "Eleventy",
    ".eleventyignore": "Eleventy",
    "hugo.toml": "Hugo",
    "hugo.yaml": "Hugo",
    "hugo.yml": "Hugo",
    "hugo.json": "Hugo",
    "archetypes": "Hugo",
    "_config.yml": "Jekyll",
    "_config.yaml": "Jekyll",
    "_posts": "Jekyll",
}
"""Files and folders that only one program has, as patterns of their names."""
_CONTENT: Final[Mapping[Generator, tuple[str, ...]]] = {
    "Hugo": ("content",),
    "Jekyll": ("_posts", "_drafts"),
    "Docusaurus": ("blog", "docs"),
    "Eleventy": ("posts", "content", "src", "input", "blog"),
    "plain": ("content", "posts", "articles", "blog", "input"),
    "Obsidian": (),
}
_NO_ARTICLES: Final = (
    *("node_modules/", "vendor/", "_site/", "public/", "build/", "dist/", "themes/", "layouts/"),
    *("Templates/", "templates/", "archetypes/"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE.md", "CODE_OF_CONDUCT.md"),
)
_MODULES: Final = "node_modules"
_DATED: Final = re.compile(r"\d{4}-\d\d?-\d\d?-")
_LINK: Final = re.compile(r"!?\[\[[^\[\]\n]+\]\]")
_TRUNCATE: Final = re.compile(r"<!--\s*truncate\s*-->|\{/\*\s*truncate\s*\*/\}")
_MOST_FILES: Final = 50_000


@dataclass(frozen=True, slots=True)
class Sample:
    """What an article shows of the program that builds it."""

    path: str
    keys: frozenset[str]
    """Of its front matter, in lower case."""
    body: str


def configured(content: Path, top: Path) -> tuple[Generator, Path] | None:
    """Return the generator whose files are in `content` or a folder above it, and that folder.

    Args:
        content: A folder of articles, or the site's own.
        top: The last folder to look in, where it is above `content`.
    """
    for folder in _upwards(content, top):
        names = _names(folder)
        for pattern, generator in _CONFIGS.items():
            if any(fnmatch(name, pattern) for name in names):
                return generator, folder
        if "content" in names and any(fnmatch(name, "config.*") for name in names):
            return "Hugo", folder
    return None


def guessed(content: Path, samples: Iterable[Sample]) -> Generator:
    """Guess the generator from the articles alone."""
    if _has_section_pages(content):
        return "Hugo"
    looked_at = list(islice(samples, 200))
    if not looked_at:
        return "plain"
    share = len(looked_at) / 2
    linked = sum(bool(_LINK.search(sample.body)) for sample in looked_at)
    if 5 * linked > len(looked_at):
        return "Obsidian"
    posts = sum(
        bool(_DATED.match(Path(sample.path).name) and "title" in sample.keys)
        for sample in looked_at
    )
    if posts > share and any("layout" in sample.keys for sample in looked_at):
        return "Jekyll"
    slugged = sum({"slug", "authors", "tags"} <= sample.keys for sample in looked_at)
    mdx = any(sample.path.endswith(".mdx") for sample in looked_at)
    if mdx or slugged > share or any(_TRUNCATE.search(sample.body) for sample in looked_at):
        return "Docusaurus"
    return "plain"


def content_folders(folder: Path, generator: Generator) -> list[Path]:
    """Return the folders of a site that hold articles; the site's own where none is known."""
    known = [folder / name for name in _CONTENT[generator] if (folder / name).is_dir()]
    if generator in ("Eleventy", "plain"):
        known = known[:1]
    return known or [folder]


def no_articles(folder: Path) -> tuple[str, ...]:
    """Return patterns of files and folders below a content folder that hold no articles."""
    names = {*_names(folder)}
    # Packages of programs have folders of their own with them.
    if _MODULES not in names and any(_MODULES in _names(folder / name) for name in names):
        names.add(_MODULES)
    return tuple(pattern for pattern in _NO_ARTICLES if pattern.rstrip("/") in names)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names alone
    except OSError:  # what may not be listed says nothing
        return []


def _upwards(content: Path, top: Path) -> Iterator[Path]:
    start, last = content.resolve(), top.resolve()
    start = start if start.is_dir() else start.parent
    yield start
    if start.is_relative_to(last):
        for folder in start.parents:
            if not folder.is_relative_to(last):
                return
            yield folder
    else:
        yield start.parent


def _has_section_pages(content: Path) -> bool:
    names = (name for _, _, files in os.walk(content) for name in files)
    return any(name.startswith("_index.") for name in islice(names, _MOST_FILES))
