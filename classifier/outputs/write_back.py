"""Labels and numbers into the front matter of a file on disk, or a clear reason why not."""

from __future__ import annotations

import difflib
import io
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from classifier import unexpected
from classifier.content import document
from classifier.content.document import Document
from classifier.content.front_matter.editor import Editor, Labels, Wanted
from classifier.content.front_matter.model import EditError
from classifier.errors import OutputError, UsageError
from classifier.models import Failure
from classifier.outputs.files import replacing

LabelsOfKeys: TypeAlias = Mapping[str, tuple[str, ...]]
Note: TypeAlias = Callable[[LabelsOfKeys, LabelsOfKeys, LabelsOfKeys], tuple[str, Labels]]
"""Takes the labels that were there, those added and those removed, by key."""

_NO_END = "\n\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What is to be under which keys of one file."""

    labels: Mapping[str, Wanted] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    note: Note | None = None
    """Gives the key that notes which labels are ours, and its value."""
    spaced: bool | Collection[str] = False
    """A text without commas holds a label per word: always, or under these keys."""
    create: bool = False
    """A file without front matter is given some, where there is something to put there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A file as it was and as it is to be; on disk nothing has changed yet."""

    path: Path
    before: Document
    after: Document
    had: Mapping[str, tuple[str, ...]]
    """By key, the labels that were there."""
    added: Mapping[str, tuple[str, ...]]
    """By key, the labels that were not there; what a later run may withdraw."""
    removed: Mapping[str, tuple[str, ...]]

    @property
    def changed(self) -> bool:
        return self.after.text != self.before.text

    def diff(self) -> str:
        """Return a unified diff, as `git diff` writes it; its text is as strange as the file's."""
        old, new = (_lines(one.data) for one in (self.before, self.after))
        lines = difflib.unified_diff(old, new, *diff_names(self.path))
        return "".join(line if line.endswith("\n") else line + _NO_END for line in lines)


def diff_names(path: Path) -> tuple[str, str]:
    """Return the old and the new name of a file in a diff.

    As git does, a name with a line break or anything else that would end or change its line is put
    between quotes, its bytes as escapes.
    """
    return _diff_name(f"a/{path.as_posix()}"), _diff_name(f"b/{path.as_posix()}")


def _diff_name(name: str) -> str:
    if name.isprintable() and not set(name) & {'"', "\\"}:
        return name
    escaped = (
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in os.fsencode(name)
    )
    return f'"{"".join(escaped)}"'


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that stays as it is."""

    path: Path
    message: str
    """One line that names the file."""


def prepare(
    path: Path,
    edits: Edits,
    *,
    digest: str,
    read: Callable[[Path], Document | Failure] = document.read,
) -> Edited | Refused:
    """Read a file and edit it in memory.

    Args:
        path: The one that the article was judged under, as a name may stand in for a title.
        edits: What to write under which keys.
        digest: Of the article when it was judged.
        read: Opens the file, or returns it as it was read before.
    """
    name = path.as_posix()
    try:
        before = read(path)
    except UsageError as error:
        return Refused(path, f"{name!r} cannot be read: {error}")
    if isinstance(before, Failure):
        return Refused(path, before.message)
    if isinstance(before.article, Failure):
        return Refused(path, before.article.message)
    if before.format != "Markdown":
        return Refused(
            path,
            f"{name!r} is {before.format}, without front matter: `classify sidecars write` puts "
            f"labels into a sidecar ('data.{path.name}.classifications.json' or `sidecar_path`)",
        )
    if _digest(before) != digest:
        return Refused(path, f"{name!r} has changed since it was judged: classify it again first")
    done = unexpected.contain(partial(_edited_or_refused, path, before, edits), article=name)
    return Refused(path, done.message) if isinstance(done, Failure) else done


def write(edited: Edited) -> Refused | None:
    """Put the edited file in the place of the one that it was made from; all or nothing.

    Mode and owner stay, and a link stays a link.
    """
    path = edited.path
    try:
        if not _is_current(edited):
            return Refused(path, f"{path.as_posix()!r} was changed by another program: run again")
        with replacing(path, "wb") as file:
            file.write(edited.after.data)
    except OutputError as error:
        return Refused(path, str(error))
    except OSError as error:
        return Refused(path, f"{path.as_posix()!r} cannot be read: {error.strerror or error}")
    return None


def _is_current(edited: Edited) -> bool:
    stamp = edited.before.stamp
    surely = stamp is not None and stamp.is_current(edited.path)
    return surely or edited.path.read_bytes() == edited.before.data


def _edited_or_refused(path: Path, before: Document, edits: Edits) -> Edited | Refused:
    try:
        return _edited(path, before, edits)
    except EditError as error:
        return Refused(path, f"{path.as_posix()!r} was not changed: {error}")


def _edited(path: Path, before: Document, edits: Edits) -> Edited:
    editor = Editor(before.text, before.front_matter, spaced=edits.spaced, create=edits.create)
    had: dict[str, tuple[str, ...]] = {}
    added: dict[str, tuple[str, ...]] = {}
    removed: dict[str, tuple[str, ...]] = {}
    for key, wanted in edits.labels.items():
        old = editor.labels(key)
        editor.set_labels(key, wanted)
        new = editor.labels(key)
        had[key] = old
        added[key] = tuple((Counter(new) - Counter(old)).elements())
        removed[key] = tuple((Counter(old) - Counter(new)).elements())
    if edits.note is not None:
        editor.set_labels(*edits.note(had, added, removed))
    for key, number in edits.numbers.items():
        editor.set_number(key, number)
    after = before.edited(*editor.finish())
    if _digest(after) != _digest(before):
        keys = ", ".join(repr(key) for key in (*edits.labels, *edits.numbers))
        raise EditError(f"the article's text would change with {keys}")
    return Edited(path=path, before=before, after=after, had=had, added=added, removed=removed)


def _lines(data: bytes) -> list[str]:
    """Split at line feeds alone: what else ends a line somewhere does not in a diff."""
    return [line.decode("utf-8") for line in io.BytesIO(data)]


def _digest(opened: Document) -> str:
    return "" if isinstance(opened.article, Failure) else opened.article.digest
