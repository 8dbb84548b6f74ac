from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.vocabulary.groups import centred, group


def rows(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_near_rows_are_a_group_and_a_far_one_is_in_none() -> None:
    found = group(rows(0, 20, 40, 180, 190, 90), least=2, near=0.9)
    assert [sorted(members) for members in found] == [[0, 1, 2], [3, 4]]
    assert found[0][0] == 1  # the one in the middle


def test_small_groups_are_left_out() -> None:
    assert group(rows(0, 10, 180), least=3, near=0.9) == []
    assert group(np.zeros((0, 2), np.float32), least=1) == []


def test_what_all_rows_share_is_taken_away() -> None:
    shared = np.array([[10, 1, 0], [10, -1, 0], [0, 0, 0]], np.float32)
    found = centred(shared)
    assert float(found[0] @ found[1]) < float(shared[0] @ shared[1])
    assert not found[2].any()


@given(st.lists(st.floats(0, 360), max_size=20), st.integers(1, 4), st.floats(0.1, 0.9))
def test_no_row_is_in_two_groups_and_all_groups_are_large_enough(
    degrees: list[float], least: int, near: float
) -> None:
    vectors = rows(*degrees) if degrees else np.zeros((0, 2), np.float32)
    found = group(vectors, least=least, near=near)
    members = [i for each in found for i in each]
    assert len(members) == len(set(members))
    assert all(len(each) >= least for each in found)
    for middle, *others in found:
        assert all(vectors[middle] @ vectors[i] >= near - 1e-6 for i in others)
