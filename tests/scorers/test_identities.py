"""Stores and files of users hold these: a changed digest would have everything judged again."""

from __future__ import annotations

from classifier.scorers.cascade.deferral import FittedThresholds, Shortlist
from classifier.scorers.embedded.scorer import EmbeddedScorer

# Of `VERSION` 7 (the beginning is read) and `PROSE_VERSION` 2. Version 0.2.0 had 67e3260baa9ea9cf.
BASE = "embedded:all-MiniLM-L6-v2:4e80a8eed32e9068"


def test_the_embedded_scorer_keeps_its_identity() -> None:
    assert EmbeddedScorer().identity == BASE


def test_thresholds_of_version_0_2_0_are_read_and_keep_their_digest() -> None:
    kind = {
        **{"cut": 0.1, "sample": 0.05, "together": ["topics"], "articles": 10, "pairs": 40},
        **{"settled": 0.5, "labels": 9, "drawn": 3, "below": 1, "minimum": 0.4},
    }
    found = FittedThresholds.model_validate(
        {
            **{"fitted": "2026-01-02", "recall": 0.98, "confidence": 0.95, "gold": ""},
            "kinds": {"topics": kind},
            "categories": {"topics/a": {"definition": "0" * 32, "cut": 0.12}},
        }
    )
    assert found.digest == "2ea63e977ac67043a60f732c7798d54c"


def test_a_shortlist_keeps_its_digest() -> None:
    assert Shortlist(3).digest == "07fc584fad2a57f9af5f3ac75066971b"
