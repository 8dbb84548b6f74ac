"""Write edited files so that what is ours in them stays known as ours, whenever a run ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from classifier.outputs.write_back import Edited, Refused, write
from classifier.project.provenance import Provenance
from classifier.store import Store

_T = TypeVar("_T")

_AT_ONCE: Final = 500
_CHARACTERS_AT_ONCE: Final = 20_000_000
"""Files whose labels are noted as ours in one go, before the first of them is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedEdit:
    """An edited file, and what in it is ours."""

    edited: Edited
    ours: Mapping[str, tuple[str, ...]]
    """By key, the labels that are ours when the file is written."""
    noted_inside: bool
    """Whether the file itself says which labels are ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotingWriter:
    """Writes edited files, and notes what is ours in the provenance file and the store."""

    provenance: Provenance
    store: Store
    key: Callable[[Path], str]
    """What the store calls a path."""

    def write(self, outcomes: Iterable[_T]) -> Generator[_T | Refused]:
        """Write the edited files among the outcomes, and yield what became of each.

        Which labels are ours is noted before a file is written, to tell them from what people
        write: a run that is killed leaves no label of ours that nobody knows as such.
        """
        waiting: list[_T] = []
        characters = 0
        for outcome in outcomes:
            waiting.append(outcome)
            if isinstance(outcome, NotedEdit) and outcome.edited.changed:
                characters += len(outcome.edited.after.text)
            if len(waiting) >= _AT_ONCE or characters > _CHARACTERS_AT_ONCE:
                yield from self._written(waiting)
                waiting, characters = [], 0
        yield from self._written(waiting)

    def _written(self, outcomes: Sequence[_T]) -> Iterator[_T | Refused]:
        edits = [one for one in outcomes if isinstance(one, NotedEdit) and one.edited.changed]
        file = self.provenance.file
        for edit in edits:
            self._intend(edit)
        file.save()
        done = set()
        try:
            for outcome in outcomes:
                refused = None
                if isinstance(outcome, NotedEdit):
                    done.add(outcome.edited.path)
                    refused = write(outcome.edited) if outcome.edited.changed else None
                    self._settle(outcome, written=refused is None)
                yield refused or outcome
        finally:
            for edit in edits:
                if edit.edited.path not in done:
                    self._settle(edit, written=False)
            file.save()

    def _intend(self, edit: NotedEdit) -> None:
        if edit.noted_inside:
            return
        self.provenance.take_over()
        path = self.provenance.key(edit.edited.path)
        for key, labels in edit.edited.added.items():
            self.provenance.file.intend(path, key, labels)

    def _settle(self, edit: NotedEdit, *, written: bool) -> None:
        """Note what is ours now that a file is written, or is not."""
        edited, file = edit.edited, self.provenance.file
        path = self.provenance.key(edited.path)
        for key, labels in edit.ours.items():
            if not written:
                surely = file.written(path, key)
                file.settle(path, key, surely)
            elif edit.noted_inside:
                file.settle(path, key, ())
            elif edited.changed or file.intended(path, key):
                file.settle(path, key, labels)
            if written and edited.changed:
                self.store.apply(self.key(edited.path), key, labels, at=time.time())
