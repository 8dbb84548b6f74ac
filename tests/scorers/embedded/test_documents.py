"""Vectors of articles, and of names for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from support.embedded import LOAF, SERVERS

from classifier.scorers.embedded import documents
from classifier.scorers.embedded.documents import DocumentSpace


def test_articles_are_closest_to_names_of_what_they_are_about() -> None:
    space = DocumentSpace(None)
    rows = space.articles([LOAF, SERVERS])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    closeness = rows @ space.names(["baking bread", "computer servers"]).T
    assert closeness.argmax(axis=1).tolist() == [0, 1]


def test_an_article_without_text_is_zeros_and_none_is_an_empty_table() -> None:
    space = DocumentSpace(None)
    blank = replace(LOAF, title="", description="", body="")
    assert not space.articles([blank]).any()
    assert space.articles([]).shape == (0, space.articles([LOAF]).shape[1])


def test_an_article_has_the_same_vector_in_any_company(monkeypatch) -> None:
    space = DocumentSpace(None)
    monkeypatch.setattr(documents, "_AT_ONCE", 1)
    alone = space.articles([LOAF])
    both = space.articles([SERVERS, LOAF])
    assert np.allclose(alone[0], both[1], atol=1e-3)


class _Cache(dict):
    def vectors(self, keys):
        return {key: self[key] for key in keys if key in self}

    def keep_vectors(self, vectors):
        self.update(vectors)


def test_a_vector_in_the_cache_needs_no_reading_and_a_damaged_one_is_made_again() -> None:
    cache, read = _Cache(), []
    space = DocumentSpace(cache)
    by_digest = {article.digest: article for article in (LOAF, SERVERS)}

    def reading(one: str):
        read.append(one)
        return by_digest[one]

    first = space.rows(by_digest, reading)
    assert np.allclose(first[LOAF.digest], space.articles([LOAF])[0], atol=2e-3)
    assert len(read) == 2
    again = space.rows(by_digest, reading)
    assert len(read) == 2
    assert all(np.array_equal(again[one], first[one]) for one in by_digest)
    for key in cache:
        cache[key] = b"damaged"
    assert np.allclose(space.rows(by_digest, reading)[LOAF.digest], first[LOAF.digest], atol=2e-3)
