from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.distributed.regions import MOST, ROWS, ends_region, grouped, regions


@dataclass(frozen=True)
class Row:
    id: str


def rows(number: int, prefix: str = "row") -> list[Row]:
    return [Row(f"{prefix}-{n}") for n in range(number)]


def cut(made: list[Row], start: int = 0, stop: int | None = None) -> list[list[str]]:
    found = regions(list(enumerate(made))[start:], start, stop)
    return [[row.id for row in partition] for partition in found]


def test_every_row_is_in_one_partition_in_order() -> None:
    made = rows(2_000)
    partitions = cut(made)
    assert [name for partition in partitions for name in partition] == [row.id for row in made]
    assert max(map(len, partitions)) <= MOST
    assert ROWS / 2 < 2_000 / len(partitions) < 2 * ROWS


@given(st.lists(st.integers(1, 1_499), max_size=8), st.integers(0, 50))
def test_ranges_that_touch_have_together_what_one_reader_finds(cuts: list[int], seed: int) -> None:
    made = rows(1_500, str(seed))
    edges = [0, *sorted(set(cuts)), 1_500]
    found = [
        partition
        for start, stop in zip(edges, [*edges[1:-1], None], strict=False)
        for partition in cut(made, start, stop)
    ]
    assert found == cut(made)


def test_a_row_more_changes_one_partition() -> None:
    made = rows(1_000)
    before = {tuple(partition) for partition in cut(made)}
    after = {tuple(partition) for partition in cut([*made[:500], Row("new"), *made[500:]])}
    assert len(after - before) == len(before - after) == 1


def test_a_long_region_is_cut_from_its_own_start() -> None:
    long = [row for row in rows(3_000) if not ends_region(row.id)][: 2 * MOST + 5]
    assert list(map(len, cut(long))) == [MOST, MOST, 5]


@pytest.mark.parametrize("least", [1, 100, 10_000])
def test_groups_are_of_whole_regions(least: int) -> None:
    names = [row.id for row in rows(1_000)]
    groups = list(grouped(names, least))
    assert [name for group in groups for name in group] == names
    pieces = [partition for group in groups for partition in cut([Row(it) for it in group])]
    assert pieces == cut(rows(1_000))
