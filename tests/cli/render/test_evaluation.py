from __future__ import annotations

from pathlib import Path


def test_the_page_says_how_right_the_labels_are(run, gold: Path) -> None:
    ran = run("eval", "gold.csv")
    assert ran.code == 0
    assert "2 articles x 4 categories, 8 pairs: 3 true" in ran.out
    assert "judged by keywords (counting)" in ran.out
    assert "precision                1.00" in ran.out
    assert "recall                   0.67" in ran.out
    assert "nan" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_disagreements_show_both_reasons(run, gold: Path) -> None:
    out = run("eval", "gold.csv").out
    assert "Least confident where the gold says yes\n  0.10  Wine\n        lunch.md\n" in out
    assert "scorer: Its title is 0 times in the text." in out
    assert "gold: belongs ('gold.csv', row 3: a red one)" in out
