from __future__ import annotations

import re
from dataclasses import replace

from support.evaluations import CATEGORIES, judgement, report, side

from classifier.evaluation.report_html import render_html
from classifier.store import Store


def test_the_page_needs_nothing_else_and_runs_nothing(store: Store) -> None:
    text = render_html(report(store, against=side(scorer="other")))
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<link|<img|src=|href=|@import|url\(|https?:", text)
    assert text.count("<svg") == 2
    assert "nan" not in text.lower()


def test_the_page_escapes_what_strangers_wrote(store: Store) -> None:
    nasty = '<script>alert("x")</script>\u202e'
    found = report(store)
    worst = replace(
        found.disagreements[0],
        article=nasty,
        origin=nasty,
        category=replace(CATEGORIES[0], title=nasty),
        judgement=judgement(CATEGORIES[0], 0.5, nasty),
    )
    text = render_html(replace(found, gold=nasty, scorer=nasty, disagreements=(worst,)))
    assert "<script" not in text
    assert "\u202e" not in text
    assert text.count("&lt;script&gt;") >= 6
