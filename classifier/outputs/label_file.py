"""The text file that says which labels in front matter are ours: one line a label, to be committed.

A line is written before the article is, as an intention that ends in `?`, and again without the
mark when the article is written. Killed between the two, the next run sees which of them happened:
the label is in the article, or it is not.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from classifier.errors import UsageError
from classifier.outputs.files import replacing

FILE: Final = "classify-labels.tsv"

Line: TypeAlias = tuple[str, str, str]
"""Path relative to the file's folder, key in lower case, label."""

_HEAD: Final = (
    "# Labels that classify wrote, by path and key. Commit this file. Lines may be merged.\n"
)
_INTENDED: Final = "?"
_CONFLICT: Final = re.compile(r"(<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)(?: |$)")
_ESCAPED: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_ESCAPE: Final = re.compile(r"[\\\t\n\r]")
_UNESCAPE: Final = re.compile(r"\\([\\tnr])")
_PLAIN: Final = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}
_SHOWN: Final = 5


@dataclass(slots=True)
class LabelFile:
    """The lines of the file in a folder, read when they are first asked for."""

    folder: Path
    damage: str = ""
    """What was ignored in the file, in one line that names it."""
    exists: bool = False
    """Whether there was a file with anything in it."""
    _lines: dict[tuple[str, str], dict[str, bool]] = field(default_factory=dict)
    """By path and key, each label, and whether it is surely written."""
    _changes: dict[Line, bool | None] = field(default_factory=dict)
    """Not in the file yet; None for a line that goes."""
    _stamp: tuple[int, ...] | None = None

    @classmethod
    def read(cls, folder: Path) -> LabelFile:
        """Read the file of a folder; there may be none.

        Raises:
            UsageError: It cannot be read, or is no ordinary file.
        """
        labels = cls(folder)
        labels._load()
        return labels

    @property
    def path(self) -> Path:
        return self.folder / FILE

    @property
    def whole(self) -> bool:
        """Whether the file knows all: it is there, and nothing of it was ignored."""
        return self.exists and not self.damage

    def written(self, path: str, key: str) -> tuple[str, ...]:
        """Return the labels that were surely written under a key of an article."""
        return tuple(label for label, sure in self._of(path, key).items() if sure)

    def intended(self, path: str, key: str) -> tuple[str, ...]:
        """Return the labels of which only the intention is there."""
        return tuple(label for label, sure in self._of(path, key).items() if not sure)

    def paths(self) -> list[str]:
        """Return the articles that have lines, in order."""
        return sorted({path for (path, _), labels in self._lines.items() if labels})

    def lines(self, path: str) -> list[Line]:
        """Return the lines of an article, intentions included."""
        return [
            (path, key, label)
            for (of, key), labels in self._lines.items()
            if of == path
            for label in labels
        ]

    def adopt(self, old: str, new: str) -> None:
        """Note what is noted of an article under its new path, too."""
        for _, key, label in self.lines(old):
            sure = self._of(old, key)[label]
            self._change((new, key, label), sure=sure or self._of(new, key).get(label, False))

    def forget(self, path: str) -> None:
        """Take out the lines of an article."""
        for line in self.lines(path):
            self._change(line, sure=None)

    def intend(self, path: str, key: str, labels: Sequence[str]) -> None:
        """Note that labels are going to be written; `save` puts it on disk."""
        known = self._of(path, key)
        for label in labels:
            if not known.get(label):
                self._change((path, key.casefold(), label), sure=False)

    def settle(self, path: str, key: str, labels: Sequence[str]) -> None:
        """Note which labels of a key are ours, in place of all that was noted before."""
        known = self._of(path, key)
        for label in known.keys() - set(labels):
            self._change((path, key.casefold(), label), sure=None)
        for label in labels:
            if not known.get(label):
                self._change((path, key.casefold(), label), sure=True)

    def save(self) -> None:
        """Put what was noted on disk, whole or not at all. What others wrote meanwhile stays.

        Raises:
            OutputError: The file cannot be written.
            UsageError: What is there now cannot be read.
        """
        if not self._changes:
            return
        with _alone(self.folder):
            if self._stamp != _stamp(self.path):
                self._load()
            lines = sorted(
                "\t".join([*map(_escaped, (path, key, label)), *([] if sure else [_INTENDED])])
                for (path, key), labels in self._lines.items()
                for label, sure in labels.items()
            )
            with replacing(self.path, "wb") as file:
                text = "".join([_HEAD, *(f"{line}\n" for line in lines)])
                file.write(text.encode("utf-8", "surrogateescape"))
            self._changes.clear()
            self._stamp, self.exists = _stamp(self.path), True

    def _of(self, path: str, key: str) -> dict[str, bool]:
        return self._lines.get((path, key.casefold()), {})

    def _change(self, line: Line, *, sure: bool | None) -> None:
        self._changes[line] = sure
        self._put(line, sure=sure)

    def _put(self, line: Line, *, sure: bool | None) -> None:
        path, key, label = line
        labels = self._lines.setdefault((path, key), {})
        if sure is None:
            labels.pop(label, None)
        else:
            labels[label] = sure

    def _load(self) -> None:
        self._stamp = _stamp(self.path)
        text = _text(self.path)
        self.exists = bool(text.strip())
        self._lines.clear()
        bad: list[int] = []
        for number, line in enumerate(_sides(text.removeprefix("\ufeff"), bad), 1):
            if line and not line.startswith("#"):
                parsed = _parsed(line)
                if parsed is None:
                    bad.append(number)
                else:
                    (path, key, label), sure = parsed
                    known = self._of(path, key).get(label, False)
                    self._put((path, key.casefold(), label), sure=sure or known)
        self.damage = _damage(self.path, bad) if bad else self.damage
        for changed, state in self._changes.items():
            self._put(changed, sure=state)


def _sides(text: str, bad: list[int]) -> Iterator[str]:
    """Yield the lines; of a merge conflict those of both sides, and an empty one for a marker."""
    base = False
    for number, line in enumerate(text.split("\n"), 1):
        marker = _CONFLICT.match(line)
        if marker:
            bad.append(number)
            base = marker[1] == "|||||||"
        yield "" if marker or base else line.removesuffix("\r")


def _parsed(line: str) -> tuple[Line, bool] | None:
    cells = [_UNESCAPE.sub(lambda found: _PLAIN[found[1]], cell) for cell in line.split("\t")]
    intended = cells[3:] == [_INTENDED]
    if "\0" in line or not all(cells[:3]) or len(cells) != 3 + intended:
        return None
    return (cells[0], cells[1], cells[2]), not intended


def _damage(path: Path, lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, sorted(lines)[:_SHOWN]))
    more = f" and {len(lines) - _SHOWN:,} more" if len(lines) > _SHOWN else ""
    what = "line" if len(lines) == 1 else "lines"
    verb = "is" if len(lines) == 1 else "are"
    return (
        f"{_shown(path)}: {what} {shown}{more} {verb} damaged or of a merge conflict, and ignored: "
        "labels in it may count as a person's"
    )


def _shown(path: Path) -> str:
    return repr(os.path.relpath(path))


def _escaped(cell: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED[found[0]], cell)


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            # Written through a link, it would take the place of what somebody else chose.
            raise UsageError(f"{_shown(path)} is no ordinary file: remove it")
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(f"{_shown(path)} cannot be read: {error.strerror}") from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from writing the file of a folder, where the system can."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = None
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)
