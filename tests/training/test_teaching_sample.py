from __future__ import annotations

import numpy as np

from classifier.training import teaching_sample


def test_the_random_part_stays_when_articles_come() -> None:
    some = [f"article {n}" for n in range(200)]
    first = teaching_sample.held_out(some, 100)
    assert len(first) == 30
    later = teaching_sample.held_out([*some, *(f"new {n}" for n in range(20))], 100)
    assert len(set(first) & set(later)) >= 24
    assert teaching_sample.held_out(reversed(some), 100) == first
    assert teaching_sample.held_out(some, 200)[:30] == first
    assert len(teaching_sample.held_out(some, 12)) == 6


def test_each_group_is_seen_before_any_twice() -> None:
    vectors = np.repeat(np.eye(4), 10, axis=0)
    chosen = teaching_sample.choose(vectors, 8)
    assert {row // 10 for row in chosen[:4]} == {0, 1, 2, 3}
    assert len(set(chosen)) == 8


def test_a_smaller_sample_is_the_start_of_a_larger_one_and_taken_rows_count() -> None:
    chance = np.random.default_rng(0)
    vectors = chance.normal(size=(50, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ten = teaching_sample.choose(vectors, 10)
    twenty = teaching_sample.choose(vectors, 20)
    assert twenty[:10] == ten
    assert teaching_sample.choose(vectors, 10, taken=ten) == twenty[10:]
    assert len(teaching_sample.choose(vectors, 99)) == 50


def test_interleaved_parts_are_spread_evenly() -> None:
    mixed = teaching_sample.interleaved(["a"] * 10, ["b"] * 30)
    assert len(mixed) == 40
    assert all(2 <= mixed[start : start + 12].count("a") <= 4 for start in range(0, 28))
    assert teaching_sample.interleaved([], ["b"]) == ["b"]
