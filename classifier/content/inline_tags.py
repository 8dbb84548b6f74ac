"""`#tags` in the text of Obsidian's notes."""

from __future__ import annotations

import re
from typing import Final

_NO_TEXT: Final = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)|\Z)|`[^`\n]*`|\[\[[^\]\n]*\]\]|%%.*?%%|<!--.*?-->",
    re.MULTILINE | re.DOTALL,
)
"""Code, links to notes, and comments."""
_TAG: Final = re.compile(r"(?<![\w/#&=])#(?P<tag>[\w/-]*[^\W\d][\w/-]*)")


def inline_tags(body: str) -> list[str]:
    """Return the tags in the text of a note, in order, without `#`.

    A tag has letters, digits, `_`, `-` and `/`, and not only digits, as Obsidian's manual says.
    Those in code, links and comments are none.
    """
    return [match["tag"].strip("/") for match in _TAG.finditer(_NO_TEXT.sub(" ", body))]
