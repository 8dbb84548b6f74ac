from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
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


def test_a_table_that_a_narrow_page_does_not_fit_has_a_line_for_each_cell(page: Page) -> None:
    rows = [("name", "how many there are", "cost", "why"), ("content", "1,000", "", "x" * 20)]
    assert page.lay_out(table(rows)).splitlines() == [
        "content",
        "  how many there are: 1,000",
        f"  why: {'x' * 20}",
    ]
    assert page.lay_out(table([("a", "n"), ("b", "1")])).splitlines() == ["a  n", "b  1"]


def test_a_value_that_goes_on_stands_below_itself(page: Page) -> None:
    first, *rest = page.lay_out([row("cost", "word " * 12)]).splitlines()
    assert first.startswith("cost:       word")
    assert rest
    assert all(line.startswith(" " * 12 + "word") and len(line) <= 40 for line in rest)


@pytest.mark.parametrize("name", ["a-long-folder/with-an-article/of-a-long-name.md", "tags/" * 10])
def test_a_path_or_an_id_in_a_text_is_not_broken(page: Page, name: str) -> None:
    shown = page.lay_out([Line(f"accepted {name} ({'x' * 50}) yes", indent=2)]).splitlines()
    assert f"  {name}" in shown
    assert all(len(line) <= 40 for line in shown if name not in line)


def test_scripts_without_spaces_fill_the_page(page: Page) -> None:
    shown = page.lay_out([Line("\u8a9e" * 50, indent=2)]).splitlines()
    assert [cell_len(line) for line in shown] == [40, 40, 26]
    assert "".join(line.strip() for line in shown) == "\u8a9e" * 50
