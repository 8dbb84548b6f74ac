from __future__ import annotations

from support.embedded import LOAF, SPACE, Kept, judge

from classifier.models import Article
from classifier.scorers.embedded.scorer import EmbeddedScorer


def test_evidence_is_a_sentence_that_stands_where_it_says(scorer: EmbeddedScorer) -> None:
    baking = judge(scorer, LOAF)[0]
    assert baking.evidence
    for quote in baking.evidence:
        assert quote.start is not None
        assert LOAF.body[quote.start : quote.end] == quote.text


def test_evidence_is_the_sentence_about_the_category_wherever_it_is_in_its_passage(
    scorer: EmbeddedScorer,
) -> None:
    plain = "The harbour was quiet and the boats lay still in the evening light. "
    for before in range(4):
        said = "A rocket carried two astronauts to the space station and came back to Earth."
        body = f"{plain * before}{said} {plain * (3 - before)}"
        (space,) = judge(scorer, Article(id="a", title="Space flight today", body=body), SPACE)
        assert [quote.text for quote in space.evidence][:1] == [said]


def test_evidence_is_the_same_from_stored_vectors(scorer: EmbeddedScorer) -> None:
    kept = Kept()
    first = judge(scorer.with_cache(kept), LOAF)
    again = judge(EmbeddedScorer(vectors=kept), LOAF)
    assert first[0].evidence
    assert again == first
