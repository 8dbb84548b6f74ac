"""Also show the pages of the repository's root on the site; links lead there and back."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
PAGES = {
    "README.md": "project/readme.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CHANGELOG.md": "project/changelog.md",
    "classifier/outputs/classify-1.schema.json": "classify-1.schema.json",
}
"""From the path in the repository to that on the site; of all others, `docs/` is taken off."""
SOURCES = {page: source for source, page in PAGES.items()}
DECISIONS = "decisions/README.md"
REFERENCE = "reference/python.md"
LINK = re.compile(r"\[([^]]*)\]\((?!\w+:)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    name = page.file.src_uri
    source = SOURCES.get(name, f"docs/{name}")

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[2]))
        if target not in PAGES and not target.startswith("docs/"):
            return link[1]  # a file that only the repository has
        there = PAGES.get(target, target.removeprefix("docs/"))
        return f"[{link[1]}]({posixpath.relpath(there, posixpath.dirname(name))}{link[3] or ''})"

    markdown = LINK.sub(moved, markdown)
    if name == REFERENCE:
        markdown += "\n## What the verbs of a project return and report\n\n" + "\n".join(_values())
    if name == DECISIONS:
        markdown += "\n" + "\n".join(
            f"- [{_title(file)}]({posixpath.basename(file.src_uri)})"
            for file in files.documentation_pages()
            if file.src_uri.startswith("decisions/0")
        )
    return markdown


def _title(file: File) -> str:
    return file.content_string.split("\n", 1)[0].removeprefix("# ")


def _values() -> Iterator[str]:
    """Directives for the public classes beside `Project`, by module."""
    for module in sorted((ROOT / "classifier/project").glob("*.py")):
        for name in re.findall(r"^class ([A-Z]\w+)", module.read_text(encoding="utf-8"), re.M):
            if module.stem not in ("project", "workspace"):
                yield f"::: classifier.project.{module.stem}.{name}\n"
