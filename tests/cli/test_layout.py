from __future__ import annotations

import io

import pytest
from rich.text import Text

from classifier.cli.layout import Line, Page, row, table


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("COLUMNS", "40")
    return Page.on(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))


def test_every_line_of_a_wrapped_text_is_indented_alike(page: Page) -> None:
    shown = page.lay_out([Line("word " * 20, indent=4)]).splitlines()
    assert len(shown) > 1
    assert all(line.startswith("    word") and len(line) <= 40 for line in shown)


def test_a_path_is_never_wrapped(page: Page) -> None:
    path = "folder with spaces/" * 5
    assert page.lay_out([Line(path, indent=2, whole=True)]) == f"  {path}"


def test_strangers_text_controls_nothing(page: Page) -> None:
    shown = page.lay_out([Line("a\x1b[31mb\nc"), row("title", "x\x1b]0;y\x07")])
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2


def test_markup_of_rich_is_text(page: Page) -> None:
    assert page.lay_out([Line("[bold]x[/bold] :smile:")]) == "[bold]x[/bold] :smile:"


@pytest.mark.parametrize(("share", "cells"), [(0, "░" * 10), (0.5, "█████░░░░░"), (1, "█" * 10)])
def test_a_bar_has_ten_cells(page: Page, share: float, cells: str) -> None:
    assert page.bar(share) == cells


def test_columns_after_the_first_are_to_the_right() -> None:
    lines = list(table([("name", "n"), ("a", "1,000")]))
    texts = [line.text.plain for line in lines if isinstance(line.text, Text)]
    assert texts == ["name      n", "a     1,000"]
    assert [line.style for line in lines] == ["dim", ""]
