"""Classify articles against categories that are described in Markdown.

    from classifier import Project

    with Project.open("site", categories="taxonomy") as project:
        for result in project.run("site/content").results():
            print(result.article, result.labels)  # {"tags": ["Baking"], "concepts": []}

`Project` has a verb for each command; `Classifier` is the small object inside that can be pickled.
The names below are the public ones; each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifier.content.articles import read as read_article
    from classifier.decisions import LabelPolicy
    from classifier.errors import (
        ClassifierError,
        ModelError,
        OutputError,
        PromptError,
        ServerError,
        SettingsError,
        StoppedError,
        StoreError,
        TaxonomyError,
        UsageError,
    )
    from classifier.models import (
        Article,
        Category,
        ConfidenceKind,
        Decision,
        Evidence,
        Failure,
        FailureReason,
        Instructions,
        Judgement,
        Label,
        Level,
        Outcome,
        Rejection,
        Result,
        Rule,
        Task,
        Taxonomy,
        Usage,
        Verdict,
    )
    from classifier.outputs.json import to_dict, to_json
    from classifier.pipeline import Classifier, Source
    from classifier.project import Project
    from classifier.project.gold import GoldSource
    from classifier.project.label_fields import WriteOptions
    from classifier.scorers.base import Scorer
    from classifier.scorers.cached import Cached
    from classifier.scorers.cascade.deferral import Shortlist
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.embedded.scorer import EmbeddedScorer
    from classifier.scorers.openai.options import OpenAIOptions
    from classifier.scorers.openai.scorer import OpenAIScorer
    from classifier.scorers.panel import Panel
    from classifier.settings import Settings
    from classifier.settings import load as load_settings
    from classifier.store import Store
    from classifier.taxonomy import load as load_taxonomy

__all__ = [
    "Article",
    "Cached",
    "Cascade",
    "Category",
    "Classifier",
    "ClassifierError",
    "ConfidenceKind",
    "Decision",
    "EmbeddedScorer",
    "Evidence",
    "Failure",
    "FailureReason",
    "GoldSource",
    "Instructions",
    "Judgement",
    "Label",
    "LabelPolicy",
    "Level",
    "ModelError",
    "OpenAIOptions",
    "OpenAIScorer",
    "Outcome",
    "OutputError",
    "Panel",
    "Project",
    "PromptError",
    "Rejection",
    "Result",
    "Rule",
    "Scorer",
    "ServerError",
    "Settings",
    "SettingsError",
    "Shortlist",
    "Source",
    "StoppedError",
    "Store",
    "StoreError",
    "Task",
    "Taxonomy",
    "TaxonomyError",
    "Usage",
    "UsageError",
    "Verdict",
    "WriteOptions",
    "load_settings",
    "load_taxonomy",
    "read_article",
    "to_dict",
    "to_json",
]

_HOMES = {
    "pipeline": {"Classifier", "Source"},
    "project": {"Project"},
    "project.gold": {"GoldSource"},
    "project.label_fields": {"WriteOptions"},
    "scorers.cascade.deferral": {"Shortlist"},
    "decisions": {"LabelPolicy"},
    "errors": {name for name in __all__ if name.endswith("Error")},
    "outputs.json": {"to_dict", "to_json"},
    "scorers.base": {"Scorer"},
    "scorers.cached": {"Cached"},
    "scorers.cascade.scorer": {"Cascade"},
    "scorers.embedded.scorer": {"EmbeddedScorer"},
    "scorers.openai.options": {"OpenAIOptions"},
    "scorers.openai.scorer": {"OpenAIScorer"},
    "scorers.panel": {"Panel"},
    "settings": {"Settings"},
    "store": {"Store"},
}
_RENAMED = {
    "load_settings": ("settings", "load"),
    "load_taxonomy": ("taxonomy", "load"),
    "read_article": ("content.articles", "read"),
}


if not TYPE_CHECKING:  # or a type checker would take any name for a public one

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        home = next((home for home, names in _HOMES.items() if name in names), "models")
        home, there = _RENAMED.get(name, (home, name))
        value: object = getattr(import_module(f"{__name__}.{home}"), there)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
