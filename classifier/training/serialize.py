"""Turn a fit into the part of `trained.json` that the embedded scorer reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from classifier.scorers.embedded.corrections import (
    CategoryCorrection,
    FeatureWeight,
    KindCorrections,
    QuantizedRow,
    SharedCorrection,
)
from classifier.training.cross_validate import CrossValidated
from classifier.training.dataset import Dataset

if TYPE_CHECKING:
    from classifier.training.correction_model import Floats

_LISTED: Final = 8
_DIGITS: Final = 5


def kind_corrections(validated: CrossValidated, dataset: Dataset) -> KindCorrections:
    """Return the corrections of one kind, for categories with verdicts whose correction is used."""
    return KindCorrections(
        shared=_shared(validated, dataset),
        words=" ".join(dataset.words[i] for i in validated.fit.words),
        categories=dict(_adjustments(validated, dataset)),
    )


def _shared(validated: CrossValidated, dataset: Dataset) -> SharedCorrection:
    fit = validated.fit
    rows = zip(dataset.features, fit.mean, fit.scale, fit.weights, strict=True)
    return SharedCorrection(
        slope=_short(fit.slope),
        constant=_short(fit.constant),
        features={
            name: FeatureWeight(mean=_short(mean), scale=_short(scale), weight=_short(weight))
            for name, mean, scale, weight in rows
        },
    )


def _adjustments(
    validated: CrossValidated, dataset: Dataset
) -> Iterator[tuple[str, CategoryCorrection]]:
    examples, fit = dataset.examples, validated.fit
    named = [dataset.words[i] for i in fit.words]
    usual = examples.words[:, fit.words].mean(axis=0)
    for i, category in enumerate(dataset.categories):
        known = examples.known[:, i]
        if not known.any() or not validated.blend[i]:
            continue
        accepted = int((examples.truth[:, i] & known).sum())
        by_word = fit.by_word[:, i]
        yield (
            category.id,
            CategoryCorrection(
                definition=category.definition,
                accepted=accepted,
                rejected=int(known.sum()) - accepted,
                own=float(validated.shrinkage[i]),
                whole=float(validated.blend[i]),
                words_for=_most(by_word * usual, named),
                words_against=_most(-by_word * usual, named),
                constant=_short(fit.bias[i]),
                vector=QuantizedRow.of(fit.by_vector[:, i]),
                words=QuantizedRow.of(by_word),
            ),
        )


def _most(weights: Floats, named: Sequence[str]) -> tuple[str, ...]:
    best = np.argsort(-weights, kind="stable")[:_LISTED]
    return tuple(named[i] for i in best if weights[i] > 0)


def _short(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
