"""Verdicts are never dropped: what was said last of a pair counts."""

from classifier.store import Store, VerdictRecord


def verdict(accepted: bool | None, *, at: float, path: str = "a.md") -> VerdictRecord:
    return VerdictRecord(
        path=path,
        article="a" * 32,
        category="tags/bread",
        definition="d" * 32,
        accepted=accepted,
        note="caf\udce9",
        source="gold.csv",
        at=at,
    )


def test_every_verdict_comes_back_in_the_order_it_was_given(store: Store) -> None:
    given = [
        verdict(True, at=2.0),
        verdict(None, at=1.0),
        verdict(False, at=3.0, path="b\udcff.md"),
    ]
    store.add_verdicts(*given[:2])
    store.add_verdicts(given[2])
    assert store.verdicts() == given


def test_collecting_drops_no_verdict(store: Store) -> None:
    store.add_verdicts(verdict(True, at=1.0))
    store.collect(categories=[], gone=["a.md"])
    assert store.verdicts() == [verdict(True, at=1.0)]
