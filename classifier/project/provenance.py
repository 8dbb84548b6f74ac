"""Which labels in the front matter of articles are ours, and which are a person's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from classifier import settings, small_files
from classifier.content import articles
from classifier.content.discovery import key_of
from classifier.content.document import Document, Documents
from classifier.models import Failure
from classifier.outputs.label_file import LabelFile
from classifier.project.moved_articles import MovedArticles, is_left_out

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.store import Store

FIELD: Final = "classify_labels"
"""The key that an article's own labels are noted under, as `key=label`, where the settings say so
or the article has it."""


@dataclass(frozen=True)
class Provenance:
    """Reads all places; a committed file that is whole makes the store's notes superfluous."""

    file: LabelFile
    store: Store
    home: Path
    """What paths in the store are relative to."""
    documents: Documents
    _stored: dict[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, project: Workspace, records: Records) -> Provenance:
        """Read the file beside the settings; a message says what of it was ignored.

        Raises:
            UsageError: The file cannot be read.
        """
        file = LabelFile.read(settings.home(project.folder))
        if file.damage:
            project.warn(file.damage)
        return cls(file, records.store, records.home, project.documents)

    def labels(
        self, path: str, key: str, *, there: Sequence[str], meta: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Return the labels that we wrote under a key and have not withdrawn.

        Args:
            path: The article.
            key: In any letter case.
            there: The labels under the key now.
            meta: The front matter.
        """
        if in_front_matter(meta):
            return tuple(label for name, label in noted(meta) if name.casefold() == key.casefold())
        ours: dict[str, None] = {}
        for name in (self.key(path), *self._earlier(path)):
            place = key_of(self.file.folder / name, home=self.home)
            stored = self.stored(key).get(place, ())
            # An intention was carried out if its label is there, or was seen to be by the store.
            done = [label for label in self.file.intended(name, key) if label in {*there, *stored}]
            known = () if self.file.whole else stored
            ours |= dict.fromkeys((*self.file.written(name, key), *done, *known))
        return tuple(ours)

    def _earlier(self, path: str) -> Sequence[str]:
        """Return what the file calls the article at earlier places, where there is nothing now."""
        if not self.moved.gone:
            return ()
        article = articles.file_of(Path(path)) or Path(path)
        document = self.documents.read(article)
        text = None if isinstance(document, Failure) else _digest(document)
        return self.moved.earlier(self.key(path), text)

    @cached_property
    def moved(self) -> MovedArticles:
        """The articles that have notes and are not there any more."""
        places = {self.file.folder / name for name in self.file.paths()}
        if not self.file.whole:
            keys = self.store.applied_fields()
            places |= {self.home / path for key in keys for path in self.stored(key)}
        gone = {self.key(place): place for place in places if not os.path.lexists(place)}
        return MovedArticles(self.file.folder, frozenset(gone), partial(_versions, self))

    def follow(self, digests: Mapping[str, str]) -> None:
        """Note what is ours of articles that were moved under their new paths, too.

        Args:
            digests: Of the articles, by path as given.
        """
        if self.moved.gone:
            for path, text in digests.items():
                for name in self.moved.earlier(self.key(path), text):
                    self.file.adopt(name, self.key(path))

    def forget_gone(self, digests: Mapping[str, str], roots: Sequence[Path]) -> list[str]:
        """Take out the lines of articles that are gone; return those that are kept in doubt.

        Nothing is taken out of what was not below `roots`, or is not known to be deleted.

        Args:
            digests: Of the articles, by path as given.
            roots: The folders that were looked through.
        """
        if not self.moved.gone:
            return []
        found = {
            name
            for path, text in digests.items()
            for name in self.moved.earlier(self.key(path), text)
        }
        doubtful = []
        for name in sorted(self.moved.gone.intersection(self.file.paths())):
            if name in found or self._is_deleted(name, digests, roots):
                self.file.forget(name)
            elif self._is_below(name, roots) and not is_left_out(self.file.folder, name):
                doubtful.append(name)
        return doubtful

    def _is_deleted(self, name: str, digests: Mapping[str, str], roots: Sequence[Path]) -> bool:
        """Whether an article is surely gone: neither moved, nor only left out of this checkout."""
        if name not in self.moved.known or not self._is_below(name, roots):
            return False
        if is_left_out(self.file.folder, name):
            return False
        if any(name in self.moved.alike(text) for text in digests.values()):
            return False
        labels = {(key, label) for _, key, label in self.file.lines(name)}
        noted = set(self.file.paths())
        near = (p for p in digests if _is_near(self.key(p), name) and self.key(p) not in noted)
        return not any(labels <= self._carried(p) for p in near)

    def _is_below(self, name: str, roots: Sequence[Path]) -> bool:
        place = Path(os.path.realpath(self.file.folder), name)
        return any(place.is_relative_to(os.path.realpath(root)) for root in roots)

    def _carried(self, path: str) -> set[tuple[str, str]]:
        """Return the keys, in lower case, and labels in the front matter of an article."""
        document = self.documents.read(Path(path))
        meta = {} if isinstance(document, Failure) else document.front_matter.meta
        return {
            (str(key).casefold(), str(label))
            for key, value in meta.items()
            for label in (value if isinstance(value, list) else [value])
        }

    def key(self, path: str | Path) -> str:
        """Return what the file calls a path."""
        return key_of(path, home=self.file.folder)

    def stored(self, key: str) -> Mapping[str, Sequence[str]]:
        """Return the labels under a key that the store knows as ours, by its name of the path."""
        if key not in self._stored:
            self._stored[key] = self.store.applied(key)
        return self._stored[key]

    def take_over(self) -> None:
        """Note in the file what only the store knows, where the file is missing or damaged."""
        if self.file.whole:
            return
        for key in self.store.applied_fields():
            for path, labels in self.stored(key).items():
                place = self.home / path
                if small_files.exists(place):
                    name = self.key(place)
                    both = (*self.file.written(name, key), *labels)
                    self.file.settle(name, key, tuple(dict.fromkeys(both)))


def _versions(provenance: Provenance, name: str) -> list[str]:
    """Return the digests of all that a path of the file ever held."""
    place = key_of(provenance.file.folder / name, home=provenance.home)
    return [text for text, _ in provenance.store.versions(place)]


def _digest(document: Document) -> str | None:
    article = document.article
    return None if isinstance(article, Failure) else article.digest


def _is_near(path: str, other: str) -> bool:
    """Whether an article may be the other one, moved: of its name, or in its folder."""
    here, there = PurePath(path), PurePath(other)
    return here.name == there.name or here.parent == there.parent


def in_front_matter(meta: Mapping[str, Any]) -> bool:
    """Whether an article says itself which of its labels are ours."""
    return any(str(name).casefold() == FIELD for name in meta)


def noted(meta: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the keys and labels that an article notes as ours."""
    value = next((its for name, its in meta.items() if str(name).casefold() == FIELD), None)
    lines = value if isinstance(value, list) else [value]
    parts = (str(line).partition("=") for line in lines if line is not None)
    return [(key.strip(), label.strip()) for key, equals, label in parts if equals]
