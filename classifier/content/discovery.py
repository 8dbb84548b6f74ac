"""Find the articles of a content folder: lazily, in a stable order, without leaving it."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from classifier import addresses, leftovers
from classifier.content.formats.registry import OPTIONAL_SUFFIXES
from classifier.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES: Final = (".md", ".markdown", ".mdx")
BUNDLE_FILES: Final = ("index.md", "index.mdx", "index.markdown")
"""What a bundle folder's article may be called, in order of preference."""


@dataclass(frozen=True, slots=True)
class Found:
    path: str
    """As the caller would write it, with forward slashes."""
    size: int
    """Bytes."""
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that may be or hold an article, and why it was left out, in one phrase."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which of a folder's files are articles; patterns as in .gitignore, below the folder.

    Hidden files and folders never are. Section pages (`_index.md`) are where an `include` pattern
    with `_index` in it matches.
    """

    include: tuple[str, ...] = ()
    """Empty: all."""
    exclude: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    """Endings of files to take beside Markdown, with or without the dot. An `include` pattern that
    ends with that of a format adds it."""

    def __post_init__(self) -> None:
        """Refuse formats that nothing reads.

        Raises:
            UsageError: An ending of `formats` is that of no format.
        """
        known = {*SUFFIXES, *OPTIONAL_SUFFIXES}
        for name in self.formats:
            if _suffix(name) not in known:
                endings = ", ".join(sorted(it.removeprefix(".") for it in known))
                raise UsageError(f"formats: {name!r} is none that can be read ({endings})")

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of the files that may be articles, in lower case."""
        named = map(_suffix, self.formats)
        included = (PurePath(pattern).suffix.lower() for pattern in self.include)
        return (*SUFFIXES, *named, *(it for it in included if it in OPTIONAL_SUFFIXES))


def _suffix(name: str) -> str:
    return f".{name.strip().lower().removeprefix('.')}"


EVERYTHING: Final = Selection()


def is_excluded(below: str, selection: Selection) -> bool:
    """Whether a file is not selected though a folder holds it; `below` is its path in there."""
    return _matches(_spec("exclude", selection.exclude), below) or (
        bool(selection.include) and not _matches(_spec("include", selection.include), below)
    )


class UnmatchedPatterns:
    """The patterns of a selection that have matched nothing so far."""

    def __init__(self, selection: Selection) -> None:
        self._left = {
            (word, pattern): spec
            for word, patterns in (("include", selection.include), ("exclude", selection.exclude))
            for pattern in patterns
            if (spec := _spec(word, [pattern.removeprefix("!")]))
            and any(each.include is not None for each in spec.patterns)
        }

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield `include` or `exclude`, and the pattern."""
        return iter(self._left)

    def see(self, word: str, below: str) -> None:
        """Take note of a path that patterns of `word` are compared with."""
        for key, spec in list(self._left.items()):
            if key[0] == word and spec.match_file(below):
                del self._left[key]


def walk(
    root: Path,
    selection: Selection = EVERYTHING,
    *,
    tidy: bool = False,
    unmatched: UnmatchedPatterns | None = None,
    left: Counter[str] | None = None,
) -> Iterator[Found | Skipped]:
    """Return the articles below `root` as they are found, or `root` itself if it is no folder.

    With `tidy`, temporary files of ours that a killed process left are deleted on the way.
    `unmatched` is told of all that patterns are compared with. `left` counts, by ending, files that
    could be read and are not asked for.

    Links to files are followed where these are below `root` too. Links to folders are not: what
    they lead to is read under its own name, or is somebody else's.

    Raises UsageError where `root` cannot be reached, or a pattern cannot be understood.
    """
    walker = _Walker(root, selection, tidy=tidy, unmatched=unmatched)
    walker.left = left
    try:
        status = root.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise addresses.missing(root) from None
    except OSError as error:
        raise UsageError(f"cannot read {str(root)!r}: {error.strerror}") from error
    if not stat.S_ISDIR(status.st_mode):
        return iter([Found(root.as_posix(), status.st_size, status.st_mtime_ns)])
    return walker.walk()


class _Walker:
    def __init__(
        self,
        root: Path,
        selection: Selection,
        *,
        tidy: bool,
        unmatched: UnmatchedPatterns | None,
    ) -> None:
        self._tidy = tidy
        self.left: Counter[str] | None = None
        self._suffixes = selection.suffixes
        self._unmatched = unmatched
        self._root = root.as_posix()
        self._real_root = os.path.realpath(root)
        self._include = _spec("include", selection.include)
        self._sections = _spec("include", [p for p in selection.include if "_index" in p])
        self._exclude = _spec("exclude", selection.exclude)

    def walk(self) -> Iterator[Found | Skipped]:
        # A stack and no recursion: folders may be nested deeper than Python's calls.
        stack = [self._folder("")]
        while stack:
            for found in stack[-1]:
                if isinstance(found, str):
                    stack.append(self._folder(found))
                    break
                yield found
            else:
                stack.pop()

    def _folder(self, below: str) -> Iterator[Found | Skipped | str]:
        """Yield what a folder holds; folders as their path below the root, with a slash at its end.

        `below` is such a path itself.
        """
        try:
            with os.scandir(self._path(below) or ".") as entries:
                listed = sorted((e for e in entries if self._may_matter(e)), key=lambda e: e.name)
        except OSError as error:
            yield Skipped(self._path(below).rstrip("/"), f"cannot be listed: {error.strerror}")
            return
        for entry in listed:
            inside = below + entry.name
            if _is_folder(entry):
                if self._excluded(inside + "/"):
                    continue
                if entry.is_symlink():
                    yield Skipped(self._path(inside), "a link to a folder: these are not followed")
                else:
                    yield inside + "/"
            elif self._wanted(inside, entry.name):
                yield self._file(entry, self._path(inside))

    def _may_matter(self, entry: os.DirEntry[str]) -> bool:
        if entry.name.startswith("."):
            if self._tidy and entry.name.startswith(leftovers.FILE_PREFIX):
                leftovers.remove_file(Path(entry.path))
            return False
        name = entry.name.lower()
        if name.endswith(self._suffixes) or _is_folder(entry):
            return True
        if self.left is not None and name.endswith(OPTIONAL_SUFFIXES):
            self.left[PurePath(name).suffix] += 1
        return False

    def _path(self, below: str) -> str:
        return below if self._root == "." else f"{self._root.rstrip('/')}/{below}"

    def _excluded(self, below: str) -> bool:
        if self._unmatched:
            self._unmatched.see("exclude", below)
        return _matches(self._exclude, below)

    def _wanted(self, below: str, name: str) -> bool:
        if self._excluded(below):
            return False
        if self._unmatched:
            self._unmatched.see("include", below)
        if name.startswith("_index."):
            return _matches(self._sections, below)
        return self._include is None or self._include.match_file(below)

    def _file(self, entry: os.DirEntry[str], path: str) -> Found | Skipped:
        try:
            status = entry.stat()
        except OSError as error:
            return Skipped(path, f"cannot be read: {error.strerror}")
        if entry.is_symlink() and not self._holds(os.path.realpath(entry.path)):
            return Skipped(path, "a link that leads out of the folder")
        if not stat.S_ISREG(status.st_mode):
            return Skipped(path, "not a regular file")
        return Found(path, status.st_size, status.st_mtime_ns)

    def _holds(self, real: str) -> bool:
        return Path(real).is_relative_to(self._real_root)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, for one
        return False


def _matches(spec: GitIgnoreSpec | None, below: str) -> bool:
    return spec is not None and spec.match_file(below)


def _spec(word: str, patterns: Sequence[str]) -> GitIgnoreSpec | None:
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    try:
        # The backend in Python: others cannot take file names that are not UTF-8.
        return GitIgnoreSpec.from_lines(patterns, backend="simple")
    except ValueError as error:
        raise UsageError(f"{word} pattern: {error}") from error


def key_of(path: str | Path, *, home: Path) -> str:
    """Return the name of a path that outlives a move of the whole site: relative to `home`.

    Names that callers give to texts need not be paths: one with a null byte stays as it is.
    """
    if "\0" in str(path):
        return str(path)
    real = Path(os.path.realpath(path))
    top = os.path.realpath(home)
    return (real.relative_to(top) if real.is_relative_to(top) else real).as_posix()


def is_bundle(folder: Path, selection: Selection = EVERYTHING) -> bool:
    """Whether the only article of a folder is its index file."""
    found = (file for file in walk(folder, selection) if isinstance(file, Found))
    inside = [PurePath(file.path).relative_to(folder).as_posix() for file in islice(found, 2)]
    return len(inside) == 1 and inside[0] in BUNDLE_FILES
