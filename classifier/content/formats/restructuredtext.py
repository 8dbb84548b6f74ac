"""reStructuredText, by docutils: nothing is included, embedded or fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from classifier.content.formats import html
from classifier.content.formats.extract import Extract, UnreadableError, decoded, plain

if TYPE_CHECKING:
    from docutils import nodes

_LARGEST: Final = 2_000_000
"""Bytes; docutils takes some seconds for each million."""
_SETTINGS: Final = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "halt_level": 5,
    "report_level": 5,
    "warning_stream": "",
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "embed_stylesheet": False,
    "stylesheet_path": "",
    "initial_header_level": "2",
}
_COMMENT_FIELD: Final = re.compile(r"\.\. ([\w-]+): (.+)")
"""Nikola's front matter."""
_TODAY: Final = re.compile(r"^([ \t]*\.\. \|[^|\n]+\|) date::.*$", re.MULTILINE)
_ROLE: Final = re.compile(r":[\w:.+-]+:`([^`<]*?)(?: *<[^`]*)?`")


def read(data: bytes) -> Extract:
    """Read a document; of roles and directives that only Sphinx knows, roles keep their text.

    Raises:
        UnreadableError: It is not UTF-8, or too large.
    """
    from docutils import nodes
    from docutils.core import publish_doctree, publish_from_doctree

    if len(data) > _LARGEST:
        raise UnreadableError(f"is larger than {_LARGEST // 10**6} MB; split it, or leave it out")
    text = decoded(data).removeprefix("\ufeff")
    text = _TODAY.sub(r"\1 replace:: date", text)  # a judgement must not depend on the day
    tree = publish_doctree(text, settings_overrides=_SETTINGS)
    meta = _meta(text, tree)
    unread = (nodes.image, nodes.comment, nodes.system_message, nodes.docinfo, nodes.literal_block)
    for node in [it for it in tree.findall() if isinstance(it, unread)]:
        if node.parent is not None:
            node.parent.remove(node)
    for problem in list(tree.findall(nodes.problematic)):
        problem.parent.replace(problem, nodes.Text(_ROLE.sub(r"\1", problem.astext())))
    page = publish_from_doctree(tree, writer="html5", settings_overrides=_SETTINGS)
    shown = page.decode("utf-8").partition("<body")[2].partition(">")[2]
    # Admonitions and footnotes, which are part of the text.
    body = html.fragment(shown.replace("<aside", "<div").replace("</aside>", "</div>"))
    title = tree.get("title", "")
    if title and not body.startswith("# "):
        body = f"# {plain(title)}\n\n{body}"
    return Extract(body=body, meta=meta)


def _meta(text: str, tree: nodes.document) -> dict[str, str]:
    """Return the fields at the top, of the document or in comments."""
    from docutils import nodes

    meta: dict[str, str] = {}
    for line in text.lstrip().splitlines():
        found = _COMMENT_FIELD.fullmatch(line.rstrip())
        if not found:
            break
        meta[found[1].lower()] = found[2].strip()
    for info in tree.findall(nodes.docinfo):
        for child in info.children:
            if isinstance(child, nodes.field):
                name, value = (part.astext() for part in child.children[:2])
                meta[name.strip().lower()] = value.strip()
    for node in tree.findall(nodes.meta):
        meta.setdefault(str(node.get("name", "")).lower(), str(node.get("content", "")))
    return {key: value for key, value in meta.items() if key and value}
