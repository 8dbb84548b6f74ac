from __future__ import annotations

import pytest

from classifier.content.style_sheets import StyleSheet, declarations


def display(css: str, name: str = "p", *, id_: str = "", classes: str = "") -> tuple[str, str]:
    style = StyleSheet(f"<style>{css}</style>").of(
        name, id_=id_, classes=frozenset(classes.split())
    )
    return style.ordinary.get("display", ""), style.important.get("display", "")


def test_the_more_specific_rule_wins_and_then_the_later_one() -> None:
    css = "#i{display:1} .a.b{display:2} p.a{display:3} .a{display:4} p{display:5} *{display:6}"
    assert display(css, id_="i", classes="a b") == ("1", "")
    assert display(css, classes="a b") == ("2", "")
    assert display(css, classes="a") == ("3", "")
    assert display(css, "div", classes="a") == ("4", "")
    assert display(css) == ("5", "")
    assert display(css, "div") == ("6", "")
    assert display(".a{display:1}.a{display:2}", classes="a") == ("2", "")


def test_important_declarations_stand_apart() -> None:
    assert display(".a{display:none ! important;display:block}", classes="a") == ("block", "none")


@pytest.mark.parametrize(
    "css", ["", "@import 'x';", "a b{x:y}", "a:hover{x:y}", "{}", "}}{{", "a{"]
)
def test_a_sheet_without_a_rule_for_one_element_is_empty(css: str) -> None:
    assert not StyleSheet(f"<style>{css}</style>")


def test_rules_and_text_are_bounded() -> None:
    assert display(".x{a:b}" * 1_001 + ".a{display:none}", classes="a") == ("", "")
    assert display(" " * 200_000 + ".a{display:none}", classes="a") == ("", "")


def test_declarations_are_read_without_comments_and_escapes() -> None:
    style = declarations(r" DISPLAY : /* x */ None; c\6f lor:'Red' ; x; y:a:b")
    assert style.ordinary == {"display": "none", "color": "red", "y": "a:b"}
