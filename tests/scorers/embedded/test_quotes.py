from __future__ import annotations

from support.embedded import LOAF, judge

from classifier.scorers.embedded.scorer import EmbeddedScorer


def test_evidence_is_a_sentence_that_stands_where_it_says(scorer: EmbeddedScorer) -> None:
    baking = judge(scorer, LOAF)[0]
    assert baking.evidence
    for quote in baking.evidence:
        assert quote.start is not None
        assert LOAF.body[quote.start : quote.end] == quote.text
