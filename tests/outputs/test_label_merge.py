from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classifier.outputs.label_merge import merge, replace
from classifier.taxonomy.labels import label_key

names = st.sampled_from(["Open Data", "open-data", "C", "C++", "C#", "Go", "go", "R&D", "r-d", "x"])
lists = st.lists(names, max_size=6)


def test_merging_appends_what_is_missing_in_order_and_keeps_a_persons_spelling() -> None:
    assert merge(["open-data", "mine"], ["Open Data", "Go", "C"]) == (
        "open-data",
        "mine",
        "Go",
        "C",
    )


def test_only_what_we_have_put_there_and_want_no_longer_is_withdrawn() -> None:
    assert merge(["Go", "go", "mine"], ["C"], earlier={"Go", "R&D"}) == ("go", "mine", "C")
    assert merge(["Go"], ["go"], earlier={"Go"}) == ("Go",)


def test_replacing_puts_new_labels_where_they_stand_in_ours() -> None:
    assert replace(["a", "d"], ["x", "a", "b", "d", "e"]) == ("x", "a", "b", "d", "e")
    assert replace(["b", "a"], ["a", "b"]) == ("b", "a")
    assert replace(["u", "c", "s"], ["c", "u", "c", "s"]) == ("c", "u", "c", "s")


def test_what_is_the_same_may_be_said_from_outside() -> None:
    ids = {"Gardens & Ponds": "gardens", "gardens": "gardens"}
    assert merge(["gardens"], ["Gardens & Ponds"], same=lambda it: ids.get(it, it)) == ("gardens",)


@given(lists, lists, st.sets(names))
def test_merging_never_removes_or_reorders_what_is_not_ours(there, ours, earlier) -> None:
    merged = merge(there, ours, earlier=earlier)
    others = [label for label in there if label not in earlier]
    assert [label for label in merged if label not in earlier][: len(others)] == others
    assert {label_key(label) for label in ours} <= {label_key(label) for label in merged}


@given(lists, lists, st.sets(names))
def test_merging_twice_is_merging_once(there, ours, earlier) -> None:
    once = merge(there, ours, earlier=earlier)
    assert merge(once, ours, earlier=earlier) == once


@given(lists, lists)
def test_replacing_gives_our_labels_and_keeps_the_order_of_those_that_stay(there, ours) -> None:
    replaced = replace(there, ours)
    assert sorted(map(label_key, replaced)) == sorted(map(label_key, ours))
    assert replace(replaced, ours) == replaced
    rest = iter(there)
    spelled = [label for label in replaced if label not in ours]
    assert all(label in rest for label in spelled)


@given(st.lists(names, unique_by=label_key), st.data())
def test_replacing_undoes_any_removal(there, data) -> None:
    left = data.draw(st.lists(st.sampled_from(range(len(there))), unique=True)) if there else []
    fewer = [there[number] for number in sorted(left)]
    assert list(map(label_key, replace(fewer, there))) == list(map(label_key, there))
