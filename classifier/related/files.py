"""Lists of related articles as files: one for each article, or one for all."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from classifier.errors import OutputError, UsageError
from classifier.outputs.files import write_text
from classifier.related.values import Related, RelatedPage, text_of

SCHEMA: Final = "classify-related/1"
_LARGEST: Final = 256 * 2**20
"""Bytes of a file that is read back."""
_FIELD: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"(?!\.)[\w.@+-]{1,200}")
"""What may stand for a field: the name of one file or folder."""


def per_article(template: str) -> bool:
    """Return whether a path names a file for each article: it has a field such as `{ItemId}`.

    Raises:
        UsageError: A brace is left open, or a field has no name.
    """
    fields = _FIELD.findall(template)
    if "" in fields or "{" in (rest := _FIELD.sub("", template)) or "}" in rest:
        raise UsageError(f"{template!r}: write fields as {{folder}}, {{stem}} or {{KEY}}")
    return bool(fields)


def path_of(template: str, page: RelatedPage, meta: Mapping[str, Any]) -> Path:
    """Return the file of an article.

    `{folder}` and `{stem}` are the folder and the name of the article, other fields keys of its
    front matter, in any letter case.

    Raises:
        OutputError: A key is missing, or its value is no name of a file; the message says which.
    """
    small = {key.lower(): value for key, value in meta.items()}
    article = PurePosixPath(page.path)

    def value(field: re.Match[str]) -> str:
        match field[1]:
            case "folder":
                return article.parent.as_posix()
            case "stem":
                return article.stem
            case key:
                text = text_of(small, key)
                if not _NAME.fullmatch(text):
                    what = "is no name of a file" if text else "is missing"
                    raise OutputError(f"{page.path!r}: {key!r} in its front matter {what}")
                return text

    return Path(_FIELD.sub(value, template))


def write_list(path: Path, page: RelatedPage, found: Sequence[Related]) -> bool:
    """Write the list of one article, and return whether the file changed.

    The format is that of NKDAgility's `related.json`. Times stay where nothing else changes.

    Raises:
        OutputError: The file is something else, or cannot be written.
    """
    old = _read(path, "related")
    new = _list(page, found)
    if old is not None and _timeless(old) == new:
        return False
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entries = [{**_without_similarity(one), "EntryGenAt": now} for one in new["related"]]
    for entry, one in zip(entries, new["related"], strict=True):
        entry["Similarity"] = one["Similarity"]
    write_text(
        path,
        _json({"related": entries, "target": {**new["target"], "GeneratedAt": now}}),
    )
    return True


def write_all(path: Path, lists: Mapping[str, tuple[RelatedPage, Sequence[Related]]]) -> bool:
    """Write the lists of all articles into one file, and return whether it changed.

    Raises:
        OutputError: The file is something else, or cannot be written.
    """
    new = to_dict(lists)
    if _read(path, "schema") == new:
        return False
    write_text(path, _json(new))
    return True


def to_dict(lists: Mapping[str, tuple[RelatedPage, Sequence[Related]]]) -> dict[str, Any]:
    """Return the lists of all articles, by reference, as JSON values."""
    articles = {
        page.reference: [
            {
                "reference": one.page.reference,
                "title": one.page.title,
                "section": one.page.section,
                "similarity": one.similarity,
                "labels": list(one.labels),
            }
            for one in found
        ]
        for page, found in lists.values()
    }
    return {"schema": SCHEMA, "articles": articles}


def _list(page: RelatedPage, found: Sequence[Related]) -> dict[str, Any]:
    return {
        "related": [{**_entry(one.page), "Similarity": one.similarity} for one in found],
        "target": _entry(page),
    }


def _entry(page: RelatedPage) -> dict[str, Any]:
    return {
        "Title": page.title,
        "Slug": page.slug,
        "Reference": page.reference,
        "EntryId": page.id or page.reference,
        "EntryKind": page.kind,
        "EntryType": page.type,
    }


def _without_similarity(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "Similarity"}


def _timeless(old: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a list as it was written, without times; None for one in another layout."""
    related, target = old.get("related"), old.get("target")
    if not isinstance(related, list) or not isinstance(target, dict):
        return None
    entries = [entry for entry in related if isinstance(entry, dict)]
    return {
        "related": [{k: v for k, v in entry.items() if k != "EntryGenAt"} for entry in entries],
        "target": {k: v for k, v in target.items() if k != "GeneratedAt"},
    }


def _read(path: Path, mark: str) -> dict[str, Any] | None:
    """Return a file that we may replace; None if there is none.

    Raises:
        OutputError: It is something else: it has no key `mark`.
    """
    other = OutputError(f"{str(path)!r} is not a list of related articles: name another file")
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise other
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(f"{str(path)!r} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise other from None
    if not isinstance(found, dict) or mark not in found:
        raise other
    if mark == "schema" and not str(found[mark]).startswith("classify-related/"):
        raise other
    return found


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
