"""Where the labels to train on are, if nobody names them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import composition, settings, small_files
from classifier.project.arguments import names
from classifier.project.gold import GoldSource, StoredLabels
from classifier.scorers.base import display_name
from classifier.trained import TrainedSource

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


def default_sources(
    project: Workspace, fields: Sequence[str] = ()
) -> list[GoldSource | StoredLabels]:
    """Return where labels are that nobody names; verdicts count anyway.

    Those of the last training, if a teacher gave some; else the folders of the settings; else those
    of the last training, so that new verdicts alone do not take its place; else the project's
    folder if a field is known.
    """
    if not fields and (teachers := _teachers_again(project)):
        return [*teachers, *_sources_again(project)]
    folders = project.content()
    if not folders and not fields and (again := list(_sources_again(project))):
        where = ", ".join(repr(str(source.path)) for source in again)
        project.note(f"with the labels in {where}, as in the last training")
        return list(again)
    if not folders and (fields or project.settings.fields):
        folders = [project.folder]
    return [GoldSource(folder, names(fields)) for folder in folders]


def _teachers_again(project: Workspace) -> list[StoredLabels]:
    """Return the teachers of the last training whose answers are stored here, and name them."""
    file = composition.load_trained(project.settings)
    if file is None or not file.teachers:
        return []
    stored = {name for name, *_ in project.records.get("write").store.scorers()}
    for name in file.teachers:
        shown = display_name(name)
        if name in stored:
            project.note(f"with the stored answers of {shown}, as in the last training")
        else:
            project.warn(f"the answers of {shown}, the teacher of the last training, are not here")
    return [StoredLabels(name, weight) for name, weight in file.teachers.items() if name in stored]


def _sources_again(project: Workspace) -> Iterator[GoldSource]:
    file = composition.load_trained(project.settings)
    home = settings.home(project.folder)
    for source in file.sources if file is not None else ():
        path = home / source.path
        # The file may come from strangers: it names nothing outside the project.
        if small_files.exists(path) and path.resolve().is_relative_to(home.resolve()):
            yield GoldSource(Path(os.path.relpath(path)), source.fields)


def remembered(
    project: Workspace, sources: Sequence[GoldSource | StoredLabels]
) -> Iterator[TrainedSource]:
    """Yield the sources inside the project, as the file of a training names them."""
    home = settings.home(project.folder).resolve()
    for source in sources:
        if isinstance(source, GoldSource) and not source.is_verdicts:
            path = Path(source.path).resolve()
            if path.is_relative_to(home):
                where = path.relative_to(home).as_posix()
                yield TrainedSource(path=where, fields=names(source.fields))
