"""Definitions drafted by a language model, as proposals with their measured effect."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from classifier import composition
from classifier.content.document import prose
from classifier.errors import ClassifierError, ModelError, UsageError
from classifier.models import Article, Category, Taxonomy, Usage, digest
from classifier.outputs.files import replacing
from classifier.outputs.write_back import diff_names
from classifier.project.gold import GoldSession, open_training_labels
from classifier.project.training_sources import default_sources
from classifier.project.workspace import near
from classifier.taxonomy import definitions, rewriting

if TYPE_CHECKING:
    from classifier.evaluation.evaluate import Predictions
    from classifier.project.workspace import Workspace
    from classifier.scorers.openai.drafts import DraftedDefinition, Excerpt
    from classifier.scorers.openai.scorer import OpenAIScorer

_SIBLINGS: Final = 4
_MEMBERS: Final = 6
_OTHERS: Final = 4
"""Categories and articles that are shown to the model, at most."""
_ASKED: Final = 2
"""Times that the model is asked where its answer cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelEffect:
    """Labels on articles that the model was not shown, beside those that people gave."""

    articles: int
    right: tuple[int, int]
    """Labels of the category that people gave, too, with the old definition and with the draft."""
    wrong: tuple[int, int]
    """Labels of the category on articles that people left without."""
    missed: tuple[int, int]
    others_right: tuple[int, int]
    """The same of all other categories."""
    others_wrong: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionDraft:
    """A proposal for one category; nothing is written yet, unless that was asked for."""

    category: str
    """Id."""
    path: Path
    before: str
    after: str
    shown: int
    """Articles that the model saw."""
    effect: LabelEffect | None
    """None where nothing could be measured: `unmeasured` says why."""
    unmeasured: str = ""
    usage: Usage
    model: str

    def diff(self) -> str:
        """Return a unified diff, as `git diff` writes it."""
        old, new = (text.splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(old, new, *diff_names(self.path)))


def draft(
    project: Workspace,
    names: Sequence[str],
    *,
    model: str | None,
    base_url: str | None,
    judge: bool,
) -> Iterator[DefinitionDraft]:
    """Yield a proposal for each category."""
    if not project.settings.categories:
        raise UsageError("name your definitions with `categories=PATH`: the examples do not change")
    chosen = project.only(categories=names).taxonomy.categories
    given = {"model": model, "base_url": base_url}
    asked = project.with_settings(**{name: it for name, it in given.items() if it is not None})
    writer = composition.language_model(asked.settings)
    # What was learned for the old words would make the new ones look worse than they are.
    plain = project.with_settings(trained="off")
    session = open_training_labels(plain, default_sources(plain), judge=judge)
    drafter = _Drafter(session, writer)
    for category in chosen:
        yield drafter.draft(category)


def write(proposal: DefinitionDraft) -> None:
    """Put a proposal in the place of the definition.

    Raises:
        UsageError: The file has changed since.
        OutputError: It cannot be written.
    """
    if proposal.path.read_bytes() != proposal.before.encode():
        raise UsageError(f"{proposal.path.as_posix()!r} has changed meanwhile: draft it again")
    with replacing(proposal.path, "wb") as file:
        file.write(proposal.after.encode())


class _Drafter:
    def __init__(self, session: GoldSession, writer: OpenAIScorer) -> None:
        self._session = session
        self._writer = writer
        self._labels: Mapping[str, Mapping[str, bool]] = session.gold.labels
        self._before = session.predictions(session.project.scorer)

    def draft(self, category: Category) -> DefinitionDraft:
        path = near(Path(category.source))
        before = _text_of(path)
        members = [path for path, row in self._labels.items() if row.get(category.id)]
        if not members:
            raise UsageError(f"no article has the label {category.id!r} from people: label some")
        siblings = self._siblings(category, members)
        shown = _spread(members, _MEMBERS)
        beside = [
            path
            for path, row in self._labels.items()
            if not row.get(category.id) and any(row.get(one.id) for one in siblings)
        ]
        others = _spread(beside, _OTHERS)
        found, usage, model = self._asked(category, siblings, shown, others)
        after = _rewritten(path, before, found)
        seen = {*shown, *others}
        effect, why = self._effect(_read(category, after), seen)
        return DefinitionDraft(
            category=category.id,
            path=path,
            before=before,
            after=after,
            shown=len(seen),
            effect=effect,
            unmeasured=why,
            usage=usage,
            model=model,
        )

    def _siblings(self, category: Category, members: Sequence[str]) -> list[Category]:
        """Return the categories of the kind that the scorer finds most in these articles."""
        import numpy as np

        pairs = self._before.pairs
        wanted = set(members)
        rows = [n for n, path in enumerate(pairs.articles) if path in wanted]
        means: dict[str, float] = {}
        for n, one in enumerate(pairs.categories):
            column = pairs.confidence[rows, n]
            known = column[~np.isnan(column)]
            means[one.id] = float(known.mean()) if len(known) else 0.0
        others = [
            one
            for one in self._session.taxonomy.categories
            if one.kind == category.kind and one.id != category.id
        ]
        return sorted(others, key=lambda one: -means.get(one.id, 0.0))[:_SIBLINGS]

    def _asked(
        self,
        category: Category,
        siblings: Sequence[Category],
        members: Sequence[str],
        others: Sequence[str],
    ) -> tuple[DraftedDefinition, Usage, str]:
        """Ask the model, unless it has answered the same question before."""
        from classifier.scorers.openai import drafts

        system, user = drafts.question(
            category,
            siblings,
            members=list(self._excerpts(members)),
            others=list(self._excerpts(others)),
        )
        store = self._session.records.store
        name = f"draft {digest(self._writer.identity, system, user)}"
        usage, problem = Usage(), ""
        if kept := store.remembered(name):
            return drafts.read(kept), usage, self._writer.builder.model
        for _ in range(_ASKED):
            answer = self._writer.write(system, user)
            usage += answer.usage
            try:
                found = drafts.read(answer.text)
            except drafts.UnusableDraftError as error:
                problem = str(error)
                continue
            store.remember(name, found.model_dump_json())
            return found, usage, answer.model
        raise ModelError(f"no draft for {category.id!r}: {problem}")

    def _excerpts(self, paths: Sequence[str]) -> Iterator[Excerpt]:
        from classifier.scorers.openai.drafts import Excerpt

        for path in paths:
            article = self._session.corpus.article(path)
            if isinstance(article, Article):
                yield Excerpt(article.title, prose(article).text)

    def _effect(self, new: Category, seen: set[str]) -> tuple[LabelEffect | None, str]:
        session, project = self._session, self._session.project
        if not session.may_judge(project.scorer):
            return None, "a language model would have to judge the articles by it: add `judge`"
        view = project.with_settings()
        whole = _with(project.definitions, new)
        view.__dict__["definitions"] = whole
        chosen = _with(session.taxonomy, new)
        kinds = {category.kind for category in session.corpus.categories}
        judged_by = [category for category in chosen.categories if category.kind in kinds]
        corpus = view.corpus(judged_by, session.records)
        after = replace(session, project=view, taxonomy=chosen, corpus=corpus)
        try:
            predicted = after.predictions(project.scorer)
        except UsageError as error:
            return None, str(error)
        found = _compared(self._before, predicted, new.id, seen)
        return (found, "") if found else (None, "no article is left that the model was not shown")


def _compared(
    before: Predictions, after: Predictions, category: str, seen: set[str]
) -> LabelEffect | None:
    from classifier.evaluation.evaluate import decide_labels

    rows = [n for n, path in enumerate(before.pairs.articles) if path not in seen]
    column = next((n for n, one in enumerate(before.pairs.categories) if one.id == category), None)
    if not rows or column is None:
        return None
    others = [n for n in range(len(before.pairs.categories)) if n != column]
    counts = []
    for predictions in (before, after):
        scored = decide_labels(predictions)
        given, truth, known = (
            it[rows] for it in (scored.assigned, scored.truth, predictions.pairs.known)
        )
        right, wrong, missed = given & truth, given & known & ~truth, ~given & truth
        counts.append(
            (
                int(right[:, column].sum()),
                int(wrong[:, column].sum()),
                int(missed[:, column].sum()),
                int(right[:, others].sum()),
                int(wrong[:, others].sum()),
            )
        )
    pairs = list(zip(*counts, strict=True))
    return LabelEffect(
        articles=len(rows),
        right=pairs[0],
        wrong=pairs[1],
        missed=pairs[2],
        others_right=pairs[3],
        others_wrong=pairs[4],
    )


def _with(taxonomy: Taxonomy, new: Category) -> Taxonomy:
    categories = tuple(new if one.id == new.id else one for one in taxonomy.categories)
    return replace(taxonomy, categories=categories)


def _spread(paths: Sequence[str], at_most: int) -> list[str]:
    """Return some of the paths, evenly spread; half of few, so that the rest can measure."""
    count = min(at_most, max(1, len(paths) // 2)) if paths else 0
    return [paths[n * len(paths) // count] for n in range(count)]


def _text_of(path: Path) -> str:
    if path.suffix.lower() not in (".md", ".markdown"):
        raise UsageError(f"{str(path)!r} is no Markdown definition: drafts are for those")
    return path.read_bytes().decode("utf-8")


def _rewritten(path: Path, before: str, found: DraftedDefinition) -> str:
    try:
        return rewriting.rewritten(
            before,
            description=found.description,
            scope=found.scope,
            topics=found.key_topics,
            exclusions=found.exclusions,
        )
    except (rewriting.RewriteError, ValueError) as error:
        raise UsageError(f"{str(path)!r} cannot be rewritten: {error}") from None


def _read(category: Category, text: str) -> Category:
    """Return the category that a file would define; it stays where it is among the others."""
    with TemporaryDirectory(prefix="classify-") as folder:
        file = Path(folder, "draft.md")
        file.write_bytes(text.encode())
        definition = definitions.read(file)
    slug = category.id.partition("/")[2]
    made, _ = definitions.category(definition, kind=category.kind, slug=slug)
    if made.title != category.title or not made.instructions.topics:
        raise ClassifierError(f"the draft of {category.id!r} does not read back as it was written")
    return replace(
        category,
        description=made.description,
        instructions=made.instructions,
        correction=None,
        examples=(),
    )
