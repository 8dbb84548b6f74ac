"""Put a trained scorer's confidences on the scale of the language model behind it in a cascade."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from classifier.calibration import SOFT, UNCHANGED
from classifier.decisions import LabelPolicy
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Taxonomy
from classifier.scorers.cascade.common_scale import CommonScale


def fit(policy: LabelPolicy, taxonomy: Taxonomy) -> CommonScale:
    """Return the scale on which the first scorer's minimums are those of the cascade.

    Args:
        policy: Decides on the first scorer's labels.
        taxonomy: With the minimums that decide on labels of the cascade.
    """
    known = policy.calibration
    fitted = {} if known is None else known.kinds
    offsets = {}
    for category in taxonomy.categories:
        wanted, own = (each.minimum(category) for each in (taxonomy, policy.taxonomy))
        if wanted != own or category.kind in fitted:
            learned = 0.0 if known is None else known.offset(category)
            offsets[category.uncorrected.digest] = learned + _odds(wanted) - _odds(own)
    if not offsets:
        return CommonScale()
    kinds = {category.kind for category in taxonomy.categories}
    curves = {kind: fitted[kind].curve if kind in fitted else UNCHANGED for kind in sorted(kinds)}
    return CommonScale(curves=curves, offsets=offsets)


def _odds(confidence: float) -> float:
    clipped = min(max(confidence, SOFT), 1 - SOFT)
    return math.log(clipped / (1 - clipped))


def rescaled(pairs: GoldPairs, scale: CommonScale) -> GoldPairs:
    """Return the pairs with the first scorer's confidences on another scale."""
    columns = [
        [scale(category, confidence) for confidence in column]
        for category, column in zip(pairs.categories, pairs.confidence.T.tolist(), strict=True)
    ]
    return replace(pairs, confidence=np.array(columns).T.reshape(pairs.confidence.shape))
