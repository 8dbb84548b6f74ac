from __future__ import annotations

import datetime
import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import yaml

from classifier.content.front_matter import yaml_values
from classifier.content.front_matter.reading import parse


def test_of_duplicate_keys_the_last_one_counts():
    assert parse("---\ntitle: a\ntitle: b\n---\n").meta == {"title": "b"}


def test_dates_are_dates_and_impossible_ones_stay_text():
    meta = parse("---\na: 2021-02-03\nb: 2021-02-30\nc: !!timestamp soon\n---\n").meta
    assert meta == {"a": datetime.date(2021, 2, 3), "b": "2021-02-30", "c": "soon"}


def test_unknown_and_python_tags_are_read_as_plain_values():
    block = "a: !include x.txt\nb: !!python/object/apply:os.getcwd []\nc: !x {d: 1}\n"
    assert parse(f"---\n{block}---\n").meta == {"a": "x.txt", "b": [], "c": {"d": 1}}


@pytest.mark.parametrize("reference", ["[{}]", "{{<<: [{}]}}"])
def test_an_alias_bomb_stays_small(reference):
    lines = ["k0: &k0 {x: 1}"]
    for level in range(1, 40):
        aliases = ", ".join([f"*k{level - 1}"] * 10)
        lines.append(f"k{level}: &k{level} {reference.format(aliases)}")
    assert len(parse("---\n" + "\n".join(lines) + "\n---\n").meta) == 40


def test_the_c_loader_is_used_where_it_is_there():
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    assert issubclass(yaml_values.Loader, fast)


@pytest.mark.parametrize("levels", [30, 99, 100, 101, 500])
@pytest.mark.parametrize(
    "nested",
    [
        lambda n: "k: " + "[" * n + "]" * n,
        lambda n: "k: " + "{a: " * n + "1" + "}" * n,
        lambda n: "\n".join(" " * i + f"k{i}:" for i in range(n)),
        lambda n: "k:\n" + "- " * n + "x",
        lambda n: "k:\n" + "\n".join(" " * i + "-" for i in range(n)) + " x",
        lambda n: "k:\n" + "- k: \n" + "\n".join("  " * i + "- k:" for i in range(1, n)),
        lambda n: "k:\n" + "- &a " * n + "x",
        lambda n: "? " * n + "x",
    ],
    ids=["brackets", "braces", "keys", "dashes", "items", "maps in items", "anchors", "questions"],
)
def test_what_is_too_deep_is_never_taken_for_shallow(
    nested: Callable[[int], str], levels: int
) -> None:
    block = nested(levels) + "\n" + "filler: x\n" * 300
    depth = deepest = 0
    try:
        for event in yaml.parse(block, Loader=yaml_values.Loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            deepest = max(deepest, depth)
    except yaml.YAMLError:
        return
    assert deepest <= yaml_values._DEEPEST or not yaml_values._is_surely_shallow(block)


@pytest.mark.parametrize(("number", "end"), [(20_000, ""), (20_000, "x: *nowhere\n"), (2, "")])
def test_no_garbage_is_looked_for_while_a_large_block_is_read(
    monkeypatch: pytest.MonkeyPatch, number: int, end: str
) -> None:
    collecting: list[bool] = []
    real = yaml.load

    def watched(block: str, **kwargs: Any) -> object:
        collecting.append(gc.isenabled())
        return real(block, **kwargs)

    monkeypatch.setattr(yaml, "load", watched)
    with suppress(yaml_values.YamlError):
        yaml_values.load("".join(f"key{n}: [a, b]\n" for n in range(number)) + end)
    assert collecting == [number == 2]
    assert gc.isenabled()


def test_many_plain_keys_are_surely_shallow() -> None:
    assert yaml_values._is_surely_shallow("".join(f"key{n}: {n}\n" for n in range(1000)))
    assert yaml_values._is_surely_shallow("".join(f"key{n}:\n  - a\n" for n in range(1000)))


def test_as_text_a_null_is_told_from_the_word_in_quotes() -> None:
    block = "a: null\nb: \"Null\"\nc: ~\nd: '~'\nnull: x\n"
    found = yaml_values.load(block, as_text=True)
    assert found == {"a": "null", "b": "Null", "c": "~", "d": "~", "null": "x"}
    assert [isinstance(it, yaml_values.NullText) for it in found.values()] == [
        True,
        False,
        True,
        False,
        False,
    ]
