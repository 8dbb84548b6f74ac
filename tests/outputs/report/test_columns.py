from __future__ import annotations

from support.reports import about, category, judged, judgement

from classifier.models import (
    ConfidenceKind,
    Evidence,
    Failure,
    FailureReason,
    Rule,
    Taxonomy,
)
from classifier.outputs.report import gather

BREAD, CHEESE, WINE = (category(name) for name in ("bread", "cheese", "wine"))
TAXONOMY = Taxonomy(categories=(BREAD, CHEESE, WINE))
LABEL, EXCLUDED, REACHES, NEAR = 1, 2, 4, 8


# --- what the data say ---------------------------------------------------------------------------


def test_a_pair_has_its_confidence_rounded_down_its_level_and_what_became_of_it() -> None:
    taxonomy = Taxonomy(categories=TAXONOMY.categories, rules={"tags": Rule(at_most=1)})
    judgements = [judgement(BREAD, 0.9), judgement(CHEESE, 0.80004), judgement(WINE, 0.49996)]
    data = gather(about(taxonomy), [judged("a", judgements, taxonomy)])
    (scorer,) = data.core["scorers"]
    assert scorer["confidence"] == [9000, 8000, 4999]
    primary, tertiary = 0 << 4, 2 << 4
    assert scorer["flags"] == [primary | LABEL | REACHES, primary | REACHES | NEAR, tertiary | NEAR]
    assert scorer["minimums"] == [5000, 5000, 5000]


def test_an_exclusion_is_no_near_miss() -> None:
    judgements = [judgement(BREAD, 0.9, exclusion="rolls")]
    data = gather(about(TAXONOMY), [judged("a", judgements, TAXONOMY)])
    assert data.core["scorers"][0]["flags"][0] == EXCLUDED
    assert "excluded: rolls" in data.details["texts"]


def test_what_was_not_judged_is_told_from_what_is_ignored() -> None:
    failure = Failure(FailureReason.REFUSED, "would not say", (CHEESE.id,))
    unread = Failure(FailureReason.NOT_UTF8, "save it as UTF-8")
    data = gather(
        about(TAXONOMY),
        [
            judged("a", [judgement(BREAD, 0.0)], TAXONOMY, failures=(failure,)),
            judged("b", [], TAXONOMY, failures=(unread,)),
        ],
    )
    (scorer,) = data.core["scorers"]
    assert scorer["confidence"] == [0, -1, -1, -1, -1, -1]
    assert scorer["failures"] == [
        [0, "refused", "would not say", [1]],
        [1, "not_utf8", "save it as UTF-8", []],
    ]


def test_a_calibrated_confidence_has_its_raw_one_beside_it() -> None:
    minimums = {BREAD.id: 0.3}
    taxonomy = Taxonomy(categories=TAXONOMY.categories, minimums=minimums)
    it = judgement(
        BREAD, 0.35, kind=ConfidenceKind.CALIBRATED, raw=0.9, pack=(WINE.id, BREAD.id, "gone/by")
    )
    data = gather(about(taxonomy), [judged("a", [it], taxonomy)])
    (scorer,) = data.core["scorers"]
    (columns,) = data.details["scorers"]
    assert (scorer["calibrated"], scorer["minimums"]) == (True, [3000, 5000, 5000])
    assert columns["raw"] == [9000]
    assert data.details["packs"] == [[2, 0]]


def test_a_quote_stands_in_the_prose_around_it() -> None:
    body = "# Lunch\n\nWe had **bread** and [cheese](x.md). It was good.\n\nAnd then we left.\n"
    start = body.index("It was")
    quote = Evidence("It was good.", start, start + len("It was good."))
    made_up = Evidence("It was bad.")
    data = gather(
        about(TAXONOMY),
        [judged("a", [judgement(BREAD, 0.9, evidence=(quote, made_up))], TAXONOMY, body=body)],
    )
    (numbers, unverified) = data.details["scorers"][0]["evidence"][0]
    texts = [data.details["texts"][n] if n >= 0 else "" for n in numbers]
    assert texts == ["It was good.", "We had bread and cheese.", ""]
    assert len(unverified) == 1


def test_long_surroundings_are_cut_between_words() -> None:
    body = f"{'word ' * 40}The quote is here. {'word ' * 40}"
    start = body.index("The")
    quote = Evidence("The quote is here.", start, start + len("The quote is here."))
    data = gather(
        about(TAXONOMY),
        [judged("a", [judgement(BREAD, 0.9, evidence=(quote,))], TAXONOMY, body=body)],
    )
    ((numbers,),) = data.details["scorers"][0]["evidence"]
    _, before, after = (data.details["texts"][n] for n in numbers)
    assert before == f"… {' '.join(['word'] * 17)}"
    assert after == f"{' '.join(['word'] * 17)} …"
