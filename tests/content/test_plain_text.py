from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from support.growth import grows_linearly
from support.markdown import bodies

from classifier.content.markdown import prose
from classifier.content.plain_text import plain_spans


def plain(body: str) -> list[str]:
    return [body[start:end] for start, end in plain_spans(body, prose(body))]


def test_paragraphs_items_and_quotes_are_plain() -> None:
    assert plain("One.\n\n- two\n- three\n\n> four\n") == ["One.", "two", "three", "four"]


def test_a_run_goes_over_a_line_break_but_not_over_a_mark() -> None:
    assert plain("rye\r\nbread\n") == ["rye\r\nbread"]
    assert plain("> rye\n> bread") == ["rye", "bread"]
    assert plain("rye *bread* crust") == ["rye ", "bread", "crust"]


@pytest.mark.parametrize(
    "body",
    [
        "# bread",
        "bread\n---",
        "`bread`",
        "```\nbread\n```",
        "    bread",
        "[bread](/x)",
        "[bread][x]\n\n[x]: /bread",
        "![bread](bread.png)",
        "<a href='/x'>bread</a>",
        "<div>\nbread\n</div>",
        "<div>\n\nbread\n\n</div>",
        "<h2>bread</h2>",
        '{{< figure alt="bread" >}}',
        "{{< note >}}bread{{< /note >}}",
        "{{% note %}}\nbread\n{{% /note %}}",
        "{% note %}bread{% endnote %}",
        "{{ bread }}",
        "<!-- bread -->",
        "[[bread]]",
        "[bread]",
        "https://bread.example/bread",
        "<https://bread.example>",
        "$bread$",
        "$$\nbread\n$$",
        r"\(bread\)",
        '!!! note "bread"',
        "> [!tip] bread",
        "::: bread\n:::",
        "| bread |\n|---|\n| bread |",
        "export const bread = 1",
        "<Tab title='bread' />",
        "a {bread} b",
    ],
)
def test_markup_is_not_plain(body: str) -> None:
    assert not any("bread" in run for run in plain(f"{body}\n"))


def test_a_price_is_no_formula() -> None:
    assert "bread" in plain("From $5 for bread to $6.")[0]


@given(bodies)
def test_runs_are_in_order_and_read(body: str) -> None:
    spans = plain_spans(body, prose(body))
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["[", "{", "<b>", "$ ", r"\(", "{{< a >}}", "a [", "!!! ", "<"])
def test_hostile_repetition_costs_linear_work(unit: str) -> None:
    assert grows_linearly(lambda size: plain(unit * (size // len(unit))), 20_000)
