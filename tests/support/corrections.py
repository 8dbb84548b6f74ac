"""Corrections made up for tests."""

from __future__ import annotations

import numpy as np

from classifier.models import Category
from classifier.scorers.embedded.corrections import (
    CategoryCorrection,
    KindCorrections,
    QuantizedRow,
    SharedCorrection,
)

BREAD = Category(id="tags/bread", kind="tags", title="Bread")
WINE = Category(id="tags/wine", kind="tags", title="Wine")


def of_category(category: Category, **more: object) -> CategoryCorrection:
    return CategoryCorrection.model_validate(
        {
            "definition": category.definition,
            "accepted": 2,
            "rejected": 3,
            "own": 1.0,
            "whole": 1.0,
            "constant": 0.5,
            "vector": QuantizedRow.of(np.array([1.0, -2.0, 0.25])),
            "words": QuantizedRow.of(np.array([0.0, 3.0])),
            **more,
        }
    )


def of_kind(**of_bread: object) -> KindCorrections:
    """Corrections of bread and wine; `of_bread`: values that only the former has."""
    return KindCorrections(
        shared=SharedCorrection(),
        words="flour yeast",
        categories={BREAD.id: of_category(BREAD, **of_bread), WINE.id: of_category(WINE)},
    )
