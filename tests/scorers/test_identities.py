"""Stores and files of users hold these: a changed digest would have everything judged again."""

from __future__ import annotations

from classifier.scorers.cascade.deferral import FittedThresholds, Shortlist
from classifier.scorers.embedded.corrections import LearnedFile
from classifier.scorers.embedded.scorer import EmbeddedScorer

# Of `PROSE_VERSION` 2. Version 0.2.0 made other prose, and had 67e3260baa9ea9cf.
BASE = "embedded:all-MiniLM-L6-v2:a38f2d1570c40a31"


def learned() -> LearnedFile:
    """Return a file with every key that version 0.2.0 writes."""
    numbers = {"largest": 0.5, "data": "f4E="}
    correction = {
        **{"definition": "0" * 32, "accepted": 2, "rejected": 1, "own": 0.5, "whole": 0.75},
        **{"words_for": ["alpha"], "words_against": ["beta"], "constant": 0.125},
        **{"vector": numbers, "words": numbers | {"largest": 1.0}},
    }
    shared = {
        **{"slope": 1.5, "constant": -0.25},
        "features": {"depth": {"mean": 0.5, "scale": 2, "weight": 0.1}},
    }
    kind = {"shared": shared, "words": "alpha beta", "categories": {"topics/a": correction}}
    example = {"title": "T", "text": "x", "accepted": True, "note": "n"}
    return LearnedFile.model_validate(
        {
            **{"learned": "2026-01-02", "source": "gold.csv", "scorer": BASE},
            **{"articles": 3, "pairs": 5, "kinds": {"topics": kind}},
            "lessons": {"topics/a": {"definition": "0" * 32, "examples": [example]}},
        }
    )


def test_the_embedded_scorer_keeps_its_identity() -> None:
    assert EmbeddedScorer().identity == BASE


def test_a_learned_file_of_version_0_2_0_is_read_and_keeps_its_identity() -> None:
    assert learned().digest == "82c9ef4f3ac0410b04879ce0522f5bd6"
    corrected = EmbeddedScorer(learned=learned()).identity
    assert corrected == "embedded:all-MiniLM-L6-v2:d5541d3172e643cc"


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
