"""`Project`: a verb for each command, in six groups."""

from __future__ import annotations

from classifier.project.verbs.categories import CategoryVerbs
from classifier.project.verbs.learning import LearningVerbs
from classifier.project.verbs.publishing import PublishingVerbs
from classifier.project.verbs.running import RunningVerbs
from classifier.project.verbs.storage import StorageVerbs
from classifier.project.verbs.verdicts import VerdictVerbs


class Project(
    RunningVerbs, LearningVerbs, VerdictVerbs, PublishingVerbs, CategoryVerbs, StorageVerbs
):
    """A site: its category definitions, scorer, label policy and store.

    Every verb returns values and prints nothing; progress goes to `on_event`. The store is opened
    when a verb first needs it: close the project, or use it in a `with` block.

        with Project.open("site") as project:
            run = project.run("site/content")
            for result in run.results():
                print(result.article, result.labels)

    Paths are relative to the current directory, as everywhere in Python. Without paths, a verb
    takes the folders that the settings name, else all articles in the project's folder.
    """
