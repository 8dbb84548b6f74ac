from __future__ import annotations

import re
from pathlib import Path


def test_history_has_the_records_and_what_changed(run, site: Path) -> None:
    run("site")
    path = site / "site" / "a.md"
    path.write_text("---\ntitle: a\n---\nBread and cheese, cheese.\n")
    run("site")
    ran = run("history", "site/a.md")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("a\nsite/a.md\n\nkeywords:counting:01234567\n")
    assert re.search(r"\n  ███████░░░  0\.70  Cheese\n +Its title is 2 times", ran.out)
    assert ran.out.index("Cheese") < ran.out.index("Bread") < ran.out.index("Craft")
    assert ran.out.count("last seen") == 2
    assert "3 times with the same confidence" in ran.out
    assert re.search(r"0\.90 -> 0\.45 Bread: article changed", ran.out)
    assert re.search(r"0\.10 -> 0\.70 Cheese: article changed", ran.out)


def test_no_control_of_the_terminal_gets_from_the_records_to_the_screen(run, site: Path) -> None:
    (site / "taxonomy" / "tags" / "evil.md").write_text('---\ntitle: "\\e[31mEvil\\u202e"\n---\n')
    (site / "site" / "a.md").write_text('---\ntitle: "\\e[2J"\n---\n\x1b[31mEvil\u202e twice.\n')
    for arguments in (
        ["site"],
        ["history", "site/a.md"],
        ["history", "site/a.md", "--json"],
        ["status", "site"],
    ):
        ran = run(*arguments)
        assert (ran.out + ran.err).replace("\n", "").isprintable(), arguments
