"""Which labels in the front matter of articles are ours, and which are a person's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier import settings
from classifier.content.discovery import key_of
from classifier.outputs.label_file import LabelFile

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.store import Store

FIELD: Final = "classify_labels"
"""The key that an article's own labels are noted under, as `key=label`, where the settings say so
or the article has it."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Reads all places; a committed file that is whole makes the store's notes superfluous."""

    file: LabelFile
    store: Store
    home: Path
    """What paths in the store are relative to."""
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
        return cls(file, records.store, records.home)

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
        name = self.key(path)
        stored = self.stored(key).get(key_of(path, home=self.home), ())
        # An intention was carried out if its label is there, or was seen to be by the store.
        done = [label for label in self.file.intended(name, key) if label in {*there, *stored}]
        written = (*self.file.written(name, key), *done)
        return written if self.file.whole else tuple(dict.fromkeys((*written, *stored)))

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
                if place.exists():
                    name = self.key(place)
                    both = (*self.file.written(name, key), *labels)
                    self.file.settle(name, key, tuple(dict.fromkeys(both)))


def in_front_matter(meta: Mapping[str, Any]) -> bool:
    """Whether an article says itself which of its labels are ours."""
    return any(str(name).casefold() == FIELD for name in meta)


def noted(meta: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the keys and labels that an article notes as ours."""
    value = next((its for name, its in meta.items() if str(name).casefold() == FIELD), None)
    lines = value if isinstance(value, list) else [value]
    parts = (str(line).partition("=") for line in lines if line is not None)
    return [(key.strip(), label.strip()) for key, equals, label in parts if equals]
