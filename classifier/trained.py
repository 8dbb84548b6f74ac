"""The file `trained.json`: everything that `classify train` has fitted for a taxonomy.

Corrections are a part of the categories (`corrected`), examples too (`with_examples`). Calibrations
and minimums are applied when judgements are read, and make nothing stale.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from classifier import artifacts, small_files
from classifier.artifacts import ArtifactModel
from classifier.calibration import ScorerCalibration
from classifier.errors import SettingsError
from classifier.models import Category, Example, Taxonomy, digest
from classifier.scorers.embedded.corrections import Correction, KindCorrections

VERSION: Final = 1
_LISTED: Final = 5
_PAIR: Final = re.compile(r"\[\n\s+([-+.e\d]+),\n\s+([-+.e\d]+)\n\s+\]")


class FewShotExample(ArtifactModel):
    """A pair shown to a language model as an example: a label, and enough text to see why."""

    title: str
    text: str
    accepted: bool
    note: str = ""

    @property
    def example(self) -> Example:
        return Example(title=self.title, text=self.text, accepted=self.accepted, note=self.note)


class FewShotExamples(ArtifactModel):
    """The examples of one category."""

    definition: str
    """Digest of the category: the examples are left out if the definition has changed."""
    examples: tuple[FewShotExample, ...]


class TrainedKind(ArtifactModel):
    """What the embedded scorer has learned of one kind."""

    trained: str
    """The date, ISO 8601."""
    source: str
    """Where the labels came from."""
    scorer: str
    """Identity of the embedded scorer that is corrected."""
    articles: int = Field(ge=0)
    pairs: int = Field(ge=0)
    corrections: KindCorrections


class TrainedSource(ArtifactModel):
    """Where people's labels were read, beside the verdicts."""

    path: str
    """A folder or table, relative to the folder of the settings."""
    fields: tuple[str, ...] = ()
    """Front matter keys; none: those of the settings or the kinds."""


class TrainedFile(ArtifactModel):
    """The contents of `trained.json`."""

    version: Literal[1] = VERSION
    sources: tuple[TrainedSource, ...] = ()
    """Of the last training, for the next one that names none."""
    teachers: Mapping[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """Scorers whose stored judgements were trained on as well, with the weight of their labels."""
    held_out: tuple[str, ...] = ()
    """Digests of articles that were judged by a teacher and not trained on, to measure on."""
    kinds: Mapping[str, TrainedKind] = Field(default_factory=dict)
    """Corrections for the embedded scorer, by kind."""
    examples: Mapping[str, FewShotExamples] = Field(default_factory=dict)
    """For language models, by category id."""
    calibrations: Mapping[str, ScorerCalibration] = Field(default_factory=dict)
    """Calibrations and minimums, by scorer identity."""

    def corrected(self, categories: Sequence[Category]) -> tuple[Category, ...]:
        """Return the categories with their corrections for the embedded scorer."""
        return tuple(
            replace(category, correction=own) if (own := self._correction(category)) else category
            for category in categories
        )

    def _correction(self, category: Category) -> Correction | None:
        kind = self.kinds.get(category.kind)
        own = kind.corrections.categories.get(category.id) if kind else None
        if kind is None or own is None or own.definition != category.definition:
            return None
        return Correction(kind.scorer, kind.corrections, category.id)

    def with_examples(self, categories: Sequence[Category]) -> tuple[Category, ...]:
        """Return the categories with their examples for a language model."""
        return tuple(
            replace(category, examples=tuple(shot.example for shot in shots.examples))
            if (shots := self.examples.get(category.id)) and shots.definition == category.definition
            else category
            for category in categories
        )

    @property
    def corrections_digest(self) -> str:
        """Changes with anything that can change a confidence; empty without corrections."""
        if not self.kinds:
            return ""
        return digest(
            [
                Correction(kind.scorer, kind.corrections, name).digest
                for _, kind in sorted(self.kinds.items())
                for name in sorted(kind.corrections.categories)
            ]
        )

    def warnings(self, taxonomy: Taxonomy, *, file: str) -> Iterator[str]:
        """Yield a warning if definitions have changed since the file was written."""
        known = {name: entry.definition for name, entry in self.examples.items()}
        for kind in self.kinds.values():
            entries = kind.corrections.categories.items()
            known |= {name: entry.definition for name, entry in entries}
        changed = [
            c.id for c in taxonomy.categories if known.get(c.id, c.definition) != c.definition
        ]
        if changed:
            more = f" and {len(changed) - _LISTED} more" if len(changed) > _LISTED else ""
            yield (
                f"{file!r}: the corrections of {', '.join(changed[:_LISTED])}{more} are not used, "
                "because the definition changed: run `classify train` again"
            )


def load(*paths: Path) -> TrainedFile:
    """Read the file; or the files of version 0.2 together.

    Raises:
        SettingsError: One is missing or not valid.
    """
    contents = [_load(path) for path in paths]
    kinds: dict[str, TrainedKind] = {}
    examples: dict[str, FewShotExamples] = {}
    calibrations: dict[str, ScorerCalibration] = {}
    identities = {each.identity: each.scorer for each in contents if isinstance(each, _Learned)}
    for content in contents:
        file = content if isinstance(content, TrainedFile) else content.trained_file
        kinds |= file.kinds
        examples |= file.examples
        calibrations |= {identities.get(name, name): fit for name, fit in file.calibrations.items()}
    sources = tuple(
        source for each in contents if isinstance(each, TrainedFile) for source in each.sources
    )
    teachers = {
        name: weight
        for each in contents
        if isinstance(each, TrainedFile)
        for name, weight in each.teachers.items()
    }
    held_out = [one for each in contents if isinstance(each, TrainedFile) for one in each.held_out]
    return TrainedFile(
        sources=sources,
        teachers=teachers,
        held_out=tuple(held_out),
        kinds=kinds,
        examples=examples,
        calibrations=calibrations,
    )


def dump(content: TrainedFile) -> str:
    """Return the file's text, with a point of a curve on each line."""
    return _PAIR.sub(r"[\1, \2]", artifacts.dump(content))


def _load(path: Path) -> TrainedFile | _Learned | _Calibration:
    fault = "is not a file of `classify train`"
    way_out = "restore it, or delete it and run `classify train` again, or set `trained=off`"
    try:
        return artifacts.load(path, TrainedFile, fault=fault, way_out=way_out)
    except SettingsError:
        keys = _keys(path)
        if {"learned", "source"} <= keys:
            return artifacts.load(path, _Learned, fault=fault, way_out=way_out)
        if "scorers" in keys:
            return artifacts.load(path, _Calibration, fault=fault, way_out=way_out)
        raise


def _keys(path: Path) -> set[str]:
    try:
        content: Any = json.loads(small_files.read(path))
    except (OSError, ValueError, RecursionError):
        return set()
    return set(content) if isinstance(content, dict) else set()


# --- version 0.2 ----------------------------------------------------------------------------------


class _Learned(ArtifactModel):
    """The file `learned.json`."""

    version: Literal[1] = 1
    learned: str
    source: str
    scorer: str = ""
    articles: int = Field(ge=0)
    pairs: int = Field(ge=0)
    kinds: Mapping[str, KindCorrections] = Field(default_factory=dict)
    lessons: Mapping[str, FewShotExamples] = Field(default_factory=dict)

    @property
    def identity(self) -> str:
        """The identity that the embedded scorer had with these corrections."""
        name, _, plain = self.scorer.rpartition(":")
        kinds = digest(1, self.model_dump(mode="json", include={"kinds"}))
        return f"{name}:{digest(plain, kinds)[:16]}"

    @property
    def trained_file(self) -> TrainedFile:
        return TrainedFile(
            kinds={
                name: TrainedKind(
                    trained=self.learned,
                    source=self.source,
                    scorer=self.scorer,
                    articles=self.articles,
                    pairs=self.pairs,
                    corrections=kind,
                )
                for name, kind in self.kinds.items()
            },
            examples=self.lessons,
        )


class _Calibration(ArtifactModel):
    """The file `calibration.json`."""

    version: Literal[1] = 1
    scorers: Mapping[str, ScorerCalibration] = Field(default_factory=dict)

    @property
    def trained_file(self) -> TrainedFile:
        return TrainedFile(calibrations=self.scorers)
