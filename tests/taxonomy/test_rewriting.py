from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.content.front_matter import reading
from classifier.taxonomy.instructions import parse_instructions
from classifier.taxonomy.rewriting import RewriteError, rewritten

NEW = {"description": "New: one", "scope": "About it.", "topics": ["a"], "exclusions": ["b"]}
BLOCK = """description: 'New: one'
Instructions: |
  About it.

  Key topics:

  - a

  Strictly exclude:

  - b
"""


def test_only_what_defines_is_replaced() -> None:
    text = (
        "---\n# mine\ntitle: Bread\nDescription: >\n  old\n  text\ninclude: [x]\nexclude:\n- y\n"
        "date: 2020-01-01 # kept\nInstructions: |\n  old\n---\nBody.\n"
    )
    kept = "---\n# mine\ntitle: Bread\ndate: 2020-01-01 # kept\n"
    assert rewritten(text, **NEW) == f"{kept}{BLOCK}---\nBody.\n"


def test_line_breaks_stay() -> None:
    made = rewritten("---\r\ntitle: Bread\r\n---\r\nBody.\r\n", **NEW)
    assert made.replace("\r\n", "").count("\n") == 0


@pytest.mark.parametrize(
    "text", ["Body.\n", "+++\ntitle = 'x'\n+++\n", '{"title": "x"}\n', "---\n{title: x}\n---\n"]
)
def test_other_front_matter_is_refused(text: str) -> None:
    with pytest.raises(RewriteError):
        rewritten(text, **NEW)


line = (
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=2)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: any(map(str.isalpha, text)))
)


@given(line, line)
def test_what_is_written_is_what_is_read(description: str, scope: str) -> None:
    made = rewritten(
        "---\ntitle: Bread\n---\n", **(NEW | {"description": description, "scope": scope})
    )
    meta = reading.parse(made, as_text=True).meta
    assert meta["description"] == description
    assert str(meta["Instructions"]).startswith(scope)


def test_instructions_read_back_in_their_parts() -> None:
    meta = reading.parse(rewritten("---\ntitle: Bread\n---\n", **NEW)).meta
    found = parse_instructions(meta["Instructions"])
    assert (found.scope, found.topics, found.exclusions) == ("About it.", ("a",), ("b",))
