"""Find articles again that are noted under a path where there is nothing any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from classifier import small_files
from classifier.project.git import git

_COMMITS: Final = 500
"""That git looks through for renamed and deleted files, the latest ones."""
_LONGEST_CHAIN: Final = 10


@dataclass(slots=True)
class MovedArticles:
    """The articles of a folder that are gone from where they were.

    One is found again by its text, of which the store knows what every path ever held; else by git,
    which also finds one that was edited while it was moved.
    """

    folder: Path
    """What the paths are relative to."""
    gone: frozenset[str]
    versions: Callable[[str], Iterable[str]]
    """Returns the digests of all that a path ever held."""
    known: set[str] = field(default_factory=set)
    """Those of which it is known what they held, by the store or by git."""
    _by_digest: dict[str, list[str]] = field(default_factory=dict)
    _by_place: dict[str, list[str]] = field(default_factory=dict)
    _looked: bool = False

    def earlier(self, path: str, digest: str | None) -> Sequence[str]:
        """Return the paths at which an article was before.

        None where several may be meant: of copies of one text, those of the same name.

        Args:
            path: Where it is now.
            digest: Of its text; None if it cannot be read.
        """
        self._look()
        if path in self._by_place:
            return self._by_place[path]
        alike = self.alike(digest or "")
        named = [one for one in alike if PurePath(one).name == PurePath(path).name] or alike
        return named if len(named) == 1 else []

    def alike(self, digest: str) -> Sequence[str]:
        """Return the paths that a text was at."""
        self._look()
        return self._by_digest.get(digest, [])

    def _look(self) -> None:
        if self._looked:
            return
        self._looked = True
        by_digest, by_place = defaultdict(list), defaultdict(list)
        for path in sorted(self.gone):
            for digest in self.versions(path):
                by_digest[digest].append(path)
                self.known.add(path)
        moves = _moves(self.folder) if self.gone else {}
        for path in sorted(self.gone & moves.keys()):
            self.known.add(path)
            if (place := self._followed(path, moves)) is not None:
                by_place[place].append(path)
        self._by_digest, self._by_place = dict(by_digest), dict(by_place)

    def _followed(self, path: str, moves: Mapping[str, str | None]) -> str | None:
        """Return where a file went, if something is there."""
        place: str | None = path
        for _ in range(_LONGEST_CHAIN):
            place = moves.get(place) if place is not None else None
            if place is not None and small_files.exists(self.folder / place):
                return place
        return None


def is_left_out(folder: Path, path: str) -> bool:
    """Whether a file is not there because of a sparse checkout."""
    found = git(folder, "--literal-pathspecs", "ls-files", "-t", "--", path)
    return (found or b"").startswith(b"S ")


def _moves(folder: Path) -> dict[str, str | None]:
    """Return where files below a folder went, by git; None where one was deleted."""
    options = ("-M", "--relative", "--name-status", "-z", "--no-ext-diff", "--diff-filter=RD")
    listed = (
        git(folder, "log", *options, "--format=", f"-{_COMMITS}"),
        git(folder, "diff", *options, "HEAD"),
    )
    moves: dict[str, str | None] = {}
    for every in listed:  # the later ones count
        moves |= _listed(every)
    return moves


def _listed(output: bytes | None) -> dict[str, str | None]:
    """Return new paths by old ones, of what git lists with `--name-status -z`, latest first."""
    words = iter((output or b"").decode("utf-8", "surrogateescape").split("\0"))
    moves: dict[str, str | None] = {}
    for status in words:
        if status.strip().startswith("R"):
            old, new = next(words, ""), next(words, "")
            moves.setdefault(old, new)
        elif status.strip():
            moves.setdefault(next(words, ""), None)
    return moves
