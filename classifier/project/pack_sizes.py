"""Measure how many categories a language model judges well in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from classifier.errors import UsageError
from classifier.evaluation import pack_size
from classifier.evaluation.evaluate import Predictions
from classifier.evaluation.pack_size import PackComparison, PackScores
from classifier.models import Usage
from classifier.project.gold import GoldSession, GoldSource, open_gold
from classifier.scorers.base import display_name
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.namespaced import NamespacedScorer
from classifier.scorers.openai.scorer import OpenAIScorer

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSizeComparison:
    sizes: tuple[PackComparison, ...]
    """The smallest first: the others are compared with it."""
    usage: tuple[Usage, ...]
    """What each size took, earlier runs of the comparison included."""
    complete: bool
    """Whether every article could be read and judged completely."""

    @property
    def recommended(self) -> int | None:
        """The largest size that loses little; None where none is shown to."""
        return pack_size.recommended_size(self.sizes)


def compare_pack_sizes(
    project: Workspace, gold: str | Path | GoldSource, sizes: Sequence[int], *, judge: bool
) -> PackSizeComparison:
    sizes = sorted(set(sizes))
    if len(sizes) < 2 or sizes[0] < 1:
        raise UsageError(f"pack sizes {sizes}: expected at least two, such as 1, 10, 20")
    scorer = project.scorer
    model = scorer.second if isinstance(scorer, Cascade) else scorer
    if not isinstance(model, OpenAIScorer):
        name = display_name(scorer.identity)
        raise UsageError(f"`pack` is for language models, not {name}: add `scorer=openai`")
    session = open_gold(project, gold, judge=judge)
    scorers = [_with_pack(model, size) for size in sizes]
    predictions = [session.predictions(each) for each in scorers]
    pairs = predictions[0].pairs
    rows = pack_size.compare_pack_sizes(
        [_sized(size, each, session) for size, each in zip(sizes, predictions, strict=True)],
        truth=pairs.truth,
        known=pairs.known,
        minimums=np.array([session.taxonomy.minimum(category) for category in pairs.categories]),
    )
    spent = {name: usage for name, _, _, usage in session.records.store.scorers()}
    return PackSizeComparison(
        sizes=tuple(rows),
        usage=tuple(spent.get(each.identity, Usage()) for each in scorers),
        complete=session.complete,
    )


def _with_pack(model: OpenAIScorer, size: int) -> NamespacedScorer:
    """Return the model with a pack size, under a name that no run has."""
    builder = model.builder
    sized = OpenAIScorer(
        builder.model,
        base_url=builder.base_url,
        prompts=builder.prompts,
        options=replace(builder.options, pack=size),
        budget=model.budget,
    )
    return NamespacedScorer(sized, f"pack {size}")


def _sized(size: int, predictions: Predictions, session: GoldSession) -> PackScores:
    pairs = predictions.pairs
    place = np.full(pairs.confidence.shape, np.nan)
    column = {category.digest: n for n, category in enumerate(pairs.categories)}
    for row, article in enumerate(pairs.digests):
        stored = session.records.store.load(predictions.scorer, article, list(column))
        for digest, record in stored.items():
            pack = record.judgement.pack
            if record.judgement.category in pack and len(pack) > 1:
                index = pack.index(record.judgement.category)
                place[row, column[digest]] = index / (len(pack) - 1)
    return PackScores(pack=size, confidence=pairs.confidence, place=place)
