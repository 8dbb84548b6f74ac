from __future__ import annotations

import io

import pytest
from rich.cells import cell_len

from classifier.cli.layout import Page
from classifier.cli.render.result import render
from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Evidence,
    Judgement,
    Label,
    Rejection,
    Result,
)


class Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True


def judged(title: str, confidence: float = 0.9, **more: object) -> tuple[Category, Judgement]:
    category = Category(id=f"tags/{title}", kind="tags", title=title)
    judgement = Judgement(
        category=category.id,
        confidence=confidence,
        kind=ConfidenceKind.STATED,
        scorer="fake:m:0",
        **more,  # type: ignore[arg-type]
    )
    return category, judgement


def result(*labels: tuple[Category, Judgement], title: str = "T", **more: object) -> Result:
    decision = Decision(tuple(Label(*it) for it in labels))
    return Result(article="a.md", title=title, scorer="fake:m:0", decision=decision, **more)  # type: ignore[arg-type]


WORDS = "many words that go on and on for longer than a line has room for " * 4


@pytest.fixture
def wide() -> Result:
    return result(
        judged(f"Name {WORDS}", reasoning=WORDS, evidence=(Evidence(WORDS, 0, 9),)),
        judged("名前" * 40, reasoning="語" * 200),
        judged("x" * 300, evidence=(Evidence("y" * 300),)),
        title=WORDS,
    )


@pytest.mark.parametrize("columns", [40, 80, 100])
def test_no_line_is_wider_than_the_page_and_nothing_is_cut_off(
    wide: Result, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = render(wide, Page.on(io.StringIO()), explain=True)
    assert max(map(cell_len, text.splitlines())) <= columns
    letters = "".join(text.split())
    for whole in (WORDS.replace(" ", ""), "語" * 200, "y" * 300):
        assert whole in letters
    assert text.count("x") >= 300


def test_without_a_terminal_there_are_no_escapes_no_trailing_blanks_and_80_columns(
    wide: Result,
) -> None:
    text = render(wide, Page.on(io.StringIO()))
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())
    assert 60 < max(map(cell_len, text.splitlines())) <= 80


@pytest.mark.parametrize("columns", ["1", "39", "0", "many", "-5", ""])
def test_an_absurd_width_is_not_obeyed(
    wide: Result, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = render(wide, Page.on(io.StringIO()))
    assert 30 < max(map(cell_len, text.splitlines())) <= 80


def test_a_very_wide_terminal_still_gets_lines_one_can_read(
    wide: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    assert max(map(cell_len, render(wide, Page.on(io.StringIO())).splitlines())) <= 100


def test_a_terminal_gets_colour_and_no_color_takes_every_escape_away(
    wide: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[" in render(wide, Page.on(Terminal()))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in render(wide, Page.on(Terminal()))


def test_an_encoding_without_blocks_gets_ascii() -> None:
    bread = judged("Bread", 0.62, evidence=(Evidence("A loaf.", 0, 7),))
    text = render(result(bread), Page.on(Terminal("ascii")))
    assert text.isascii() or "\x1b" in text
    assert '"A loaf."' in text
    assert "######----" in text


def test_a_quote_that_was_not_found_is_marked() -> None:
    text = render(result(judged("B", evidence=(Evidence("Made up."),))), Page.on(io.StringIO()))
    assert "(not found in the article)" in text


def test_only_explain_shows_more_than_one_quote_and_long_quotes_whole() -> None:
    evidence = (Evidence("word " * 100 + "end", 0, 9), Evidence("second", 10, 16))
    one = result(judged("B", evidence=evidence))
    page = Page.on(Terminal())
    brief, full = render(one, page), render(one, page, explain=True)
    assert "second" not in brief
    assert "end" not in brief
    assert "…”" in brief
    assert "second" in full
    assert "end”" in full


@pytest.mark.parametrize(
    ("confidence", "shown"), [(0.4996, "0.49"), (0.29, "0.29"), (0.999, "0.99"), (1.0, "1.00")]
)
def test_a_confidence_is_never_shown_as_more_than_it_is(confidence: float, shown: str) -> None:
    assert f"  {shown}  " in render(result(judged("B", confidence)), Page.on(io.StringIO()))


def test_markup_of_the_printing_library_in_titles_is_just_text() -> None:
    text = render(result(judged("[red]B[/red] :smile: [/]")), Page.on(io.StringIO()))
    assert "[red]B[/red] :smile: [/]" in text


def test_at_most_three_near_misses_are_shown_and_all_with_explain() -> None:
    rejected = tuple(Rejection(*judged(f"Miss{n}", 0.4), "not enough") for n in range(6))
    one = Result(article="a", scorer="fake:m:0", decision=Decision((), rejected))
    page = Page.on(io.StringIO())
    assert render(one, page).count("not enough") == 3
    assert render(one, page, explain=True).count("not enough") == 6
