"""Every judgement stays, and the latest counts."""

from support.stores import ARTICLES, CATEGORIES, SCORERS, judgement, sheet

from classifier.store import Store


def test_judging_again_adds_a_record_and_the_latest_stored_is_current(store: Store) -> None:
    store.add(sheet(at=5.0, confidence=0.2))
    store.add(sheet(at=5.0, confidence=0.9))
    assert store.load(SCORERS[0], ARTICLES[0], CATEGORIES)[CATEGORIES[0]].judgement == judgement(
        0.9
    )
    assert store.load(SCORERS[0], ARTICLES[0], CATEGORIES)[CATEGORIES[1]].judged_at == 5.0
    ((_, confidences),) = store.confidences(SCORERS[0], [ARTICLES[0]], CATEGORIES)
    assert confidences == dict.fromkeys(CATEGORIES[:2], (0.9, False))
    of_one = [r for r in store.history(ARTICLES[0]) if r.category == CATEGORIES[0]]
    assert [r.judgement.confidence for r in of_one] == [0.2, 0.9]


def test_articles_judged_for_other_categories_are_found(store: Store) -> None:
    store.add(sheet(), sheet(ARTICLES[1]))
    assert store.others(SCORERS[0], ARTICLES) == set(ARTICLES[:2])
    assert store.others(SCORERS[0], ARTICLES[1:], CATEGORIES[:1]) == {ARTICLES[1]}
    assert store.others(SCORERS[0], ARTICLES, CATEGORIES) == set()


def test_the_time_of_a_judgement_is_that_of_the_latest(store: Store) -> None:
    store.add(sheet(at=5.0), sheet(at=7.0))
    asked = [ARTICLES[0], ARTICLES[1]]
    assert store.judged_at(SCORERS[0], asked, CATEGORIES[:1]) == {ARTICLES[0]: {CATEGORIES[0]: 7.0}}
