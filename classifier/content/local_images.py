"""Images that an article shows and that lie in the content folder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import unquote

MEDIA_TYPES: Final = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""By suffix. Not SVG: it is a document that may hold scripts."""
PUBLIC: Final = ("static", "assets", "public", "images")
"""Folders whose files site generators serve as they are: Hugo, Docusaurus, Jekyll, Astro."""
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:|[\\/]{2}", re.IGNORECASE)


def image_folders(content: Iterable[Path], home: Path) -> list[Path]:
    """Return the folders that images may be shown from.

    Args:
        content: Folders of articles. Those in `PUBLIC` beside and above them count, too.
        home: The project's folder: nothing above it counts.
    """
    folders = [folder.resolve() for folder in content]
    top = home.resolve()
    above = [
        place
        for folder in folders
        for place in (folder, *folder.parents)
        if place.is_relative_to(top)
    ]
    public = (place / name for place in dict.fromkeys(above) for name in PUBLIC)
    return [*folders, *(folder for folder in public if folder.is_dir())]


def local_image(target: str, article: Path, roots: Iterable[Path]) -> Path | None:
    """Return the file of an image, links resolved; None if it may not be shown.

    Args:
        target: As the article has it: relative to the article, or with a leading slash to a root or
            the folder that the root is in; Docusaurus writes `@site` before the slash.
        article: The file of the article.
        roots: Folders that the image must be in, with links resolved, and no part of it hidden.
    """
    name = unquote(re.split(r"[?#]", target, maxsplit=1)[0])
    if not name or "\0" in name or _ELSEWHERE.match(name):
        return None
    if Path(name).suffix.lower() not in MEDIA_TYPES:
        return None
    folders = list(roots)
    name = name.removeprefix("@site")
    tops = dict.fromkeys((*folders, *(folder.parent for folder in folders)))
    for folder in tops if name.startswith("/") else [article.parent]:
        try:
            found = (folder / name.lstrip("/")).resolve()
            if found.is_file() and any(_is_shown(found, root) for root in folders):
                return found
        except (OSError, RuntimeError, ValueError):  # a name too long, links in a circle
            continue
    return None


def _is_shown(found: Path, root: Path) -> bool:
    top = root.resolve()
    if found.suffix.lower() not in MEDIA_TYPES or not found.is_relative_to(top):
        return False
    return not any(part.startswith(".") for part in found.relative_to(top).parts)
