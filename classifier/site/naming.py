"""File names for categories, from labels that may be anything."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from hashlib import sha256
from typing import Final

_WORDS: Final = {"+": "-plus", "#": "-sharp", "&": "-and-", "@": "-at-", "%": "-percent"}
_LONGEST: Final = 60
_TAKEN: Final = frozenset(
    {"index", "readme", "con", "prn", "aux", "nul"}
    | {f"{name}{number}" for name in ("com", "lpt") for number in range(10)}
)
"""Names that mean something to a site's generator, to this program or to Windows."""


def file_name(label: str, taken: Collection[str] = ()) -> str:
    """Return a name without suffix: lower-case letters and digits of any script, and hyphens.

    It leads nowhere else, is no device, and is the same on systems that ignore letter case. Labels
    that differ in signs only (`C`, `C++`, `C#`) get different names.

    Args:
        label: One part of a label: no name has a slash.
        taken: Names that are in use already.
    """
    # A sign is a word only behind one: `#tag` and `+1` are a tag and a 1.
    text = re.sub(r"(?<=\w)[+#&@%]+", lambda match: "".join(_WORDS[c] for c in match[0]), label)
    text = re.sub(r"^\.(?=\w)", "dot-", unicodedata.normalize("NFKC", text).casefold())
    text = unicodedata.normalize("NFC", "-".join(re.findall(r"[^\W_]+", text)))[:_LONGEST].strip(
        "-"
    )
    if not text:
        text = f"label-{sha256(label.encode('utf-8', 'replace')).hexdigest()[:8]}"
    if text in _TAKEN:
        text += "-label"
    name, number = text, 1
    while name in taken:
        number += 1
        name = f"{text}-{number}"
    return name
