"""Where the sidecars of an article are: beside it, and where a template says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classifier import small_files
from classifier.content import path_template
from classifier.sidecars import naming
from classifier.sidecars.files import path_for, read_file
from classifier.sidecars.parsing import NativeEntry, Sidecar, SidecarError


def _nothing(_: Path) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarPaths:
    """The places of sidecars. Values from front matter never lead out of `root`."""

    template: str = ""
    """Path below `root` with front matter keys in braces; empty: sidecars are beside articles."""
    own_files: tuple[str, ...] = ()
    """Kinds whose entries are written to a file of their own, beside that of the others."""
    root: Path = Path()
    front_matter: Callable[[Path], Mapping[str, Any]] = _nothing
    """Returns an article's front matter; nothing for one that cannot be read."""

    def written(self, article: Path) -> Path:
        """Return the file that is written for an article.

        Raises:
            SidecarError: The front matter lacks a key, or a value cannot be part of a path.
        """
        if not self.template:
            return path_for(article)
        try:
            path = self.root / path_template.fill(self.template, self.front_matter(article))
        except ValueError as error:
            raise SidecarError(f"{str(article)!r}: no place for its sidecar: {error}") from None
        real = Path(os.path.realpath(path.parent))
        if not real.is_relative_to(os.path.realpath(self.root)):
            raise SidecarError(f"{str(path)!r}: a link leads out of {str(self.root)!r}")
        return path

    def main(self, article: Path) -> Path:
        """Return the file that is written for an article; the one beside it, if none could be."""
        try:
            return self.written(article)
        except SidecarError:
            return path_for(article)

    def read(self, article: Path, kinds: Iterable[str] = ()) -> Iterator[tuple[Path, str | None]]:
        """Yield the files to read, and the kind that the titles in each are of, if it says so."""
        kinds = [kind for kind in kinds if path_template.is_name(kind)]
        for form in naming.FILE_KINDS:
            yield path_for(article, form), form if form in kinds else None
        mains = [path_for(article)]
        if self.template:
            try:
                mains.append(self.written(article))
            except SidecarError:
                pass  # an article without such an id has no such file
            else:
                yield mains[1], None
        for main in mains:
            for kind in kinds:
                yield main.with_name(naming.of_kind(main.name, kind)), kind

    def entries(self, article: Path, path: Path) -> Sidecar:
        """Return the entries of one of an article's sidecars; none if there is no file.

        Raises:
            SidecarError: The file cannot be used, or is another article's, too.
        """
        return read_file(path, beside=article if path.parent == article.parent else None)

    def any(self, article: Path) -> bool:
        """Whether an article has a sidecar of any kind."""
        return any(small_files.exists(path) for path, _ in self.read(article))

    def judged_by(self, article: Path, scorer: str) -> bool:
        """Whether a sidecar of an article has a judgement of the scorer with that identity."""
        try:
            entries = self.entries(article, self.written(article)).values()
        except SidecarError:
            return False
        return any(
            isinstance(entry, NativeEntry) and entry.record and entry.record.scorer == scorer
            for entry in entries
        )

    def shared(self, articles: Iterable[Path]) -> dict[Path, str]:
        """Return the articles whose file is that of another one, too, with the reason."""
        owners: dict[Path, list[Path]] = {}
        for article in articles if self.template else ():
            try:
                owners.setdefault(self.written(article), []).append(article)
            except SidecarError:
                continue
        return {
            article: f"{str(path)!r}: it would belong to both {str(own[0])!r} and {str(own[1])!r}: "
            "give one of them another id"
            for path, own in owners.items()
            if len(own) > 1
            for article in own
        }


BESIDE: Final = SidecarPaths()
"""Sidecars beside their articles, and nowhere else."""
