"""Which articles are the nearest."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.related import nearest as module
from classifier.related.nearest import LABEL_SHARE, ComparedArticle, nearest


def item(digest: str, *labels: str, section: str = "", listed: bool = True) -> ComparedArticle:
    return ComparedArticle(digest=digest, labels=labels, section=section, listed=listed)


def rows(*angles: float) -> np.ndarray:
    return np.asarray([(np.cos(a), np.sin(a)) for a in angles], np.float32)


def test_the_most_similar_come_first_and_nothing_is_near_itself() -> None:
    found = list(nearest([item("a"), item("b"), item("c")], rows(0, 0.3, 0.9), top=5))
    assert [[i for i, _ in one] for one in found] == [[1, 2], [0, 2], [1, 0]]
    assert found[0][0][1] == pytest.approx(np.cos(0.3), abs=1e-4)


def test_copies_of_a_text_are_not_related_and_drafts_are_in_no_list() -> None:
    items = [item("a"), item("a"), item("b", listed=False), item("c")]
    found = list(nearest(items, rows(0, 0, 0.1, 0.2), top=5))
    assert [[i for i, _ in one] for one in found] == [[3], [3], [0, 1, 3], [0, 1]]


def test_top_counts_for_each_section() -> None:
    items = [item("a", section="x")] + [item(f"{n}", section="xy"[n % 2]) for n in range(6)]
    (first, *_) = nearest(items, rows(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6), top=2)
    assert [i for i, _ in first] == [1, 2, 3, 4]


def test_shared_labels_close_a_part_of_the_distance() -> None:
    items = [item("a", "t/x"), item("b"), item("c", "t/x"), item("d", "t/y")]
    (first, *_) = nearest(items, rows(0, 1, 1, 1), top=5)
    near = dict(first)
    cosine = float(np.cos(1))
    assert near[1] == near[3] == pytest.approx(cosine, abs=1e-4)
    assert near[2] == pytest.approx(cosine + LABEL_SHARE * (1 - cosine), abs=1e-4)


def test_a_rare_label_counts_more_than_a_common_one() -> None:
    items = [
        item("a", "t/rare", "t/common"),
        item("b", "t/rare"),
        item("c", "t/common"),
        item("d", "t/common"),
    ]
    (first, *_) = nearest(items, rows(0, 1, 1, 1), top=5)
    assert first[0][0] == 1
    assert first[0][1] > first[1][1]


def test_only_what_is_more_similar_than_the_least() -> None:
    (first, *_) = nearest([item("a"), item("b"), item("c")], rows(0, 0.1, 1.2), top=5, least=0.9)
    assert [i for i, _ in first] == [1]


def test_articles_without_text_are_near_nothing() -> None:
    found = list(nearest([item("a"), item("b")], np.zeros((2, 3), np.float32), top=5))
    assert found == [[], []]
    assert list(nearest([], np.zeros((0, 3), np.float32), top=5)) == []


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    vectors = generator.normal(size=(40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    items = [item(str(n), f"t/{n % 7}", section=str(n % 3)) for n in range(40)]
    whole = list(nearest(items, vectors, top=3))
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    parts = list(nearest(items, vectors, top=3))
    for one, other in zip(whole, parts, strict=True):
        assert dict(one) == pytest.approx(dict(other), abs=2e-4)
