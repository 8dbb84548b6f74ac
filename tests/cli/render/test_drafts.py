"""What `classify taxonomy draft` prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from classifier.cli.render.drafts import show_draft
from classifier.models import Usage
from classifier.project.draft import DefinitionDraft, LabelEffect

DRAFT = DefinitionDraft(
    category="tags/bread",
    path=Path("tags/bread.md"),
    before="a\n",
    after="b\n",
    shown=3,
    effect=LabelEffect(
        articles=8,
        right=(2, 4),
        wrong=(1, 0),
        missed=(3, 1),
        others_right=(5, 5),
        others_wrong=(2, 3),
    ),
    usage=Usage(calls=2, cost=0.02),
    model="m1",
)


def test_a_change_has_both_numbers(capsys) -> None:
    show_draft(DRAFT, quiet=False)
    printed = capsys.readouterr()
    assert printed.out.endswith("-a\n+b\n")
    first, others, cost = printed.err.splitlines()
    assert "2 -> 4 right, 1 -> 0 wrong, 3 -> 1 missed on 8 articles" in first
    assert "other categories: 5 right, 2 -> 3 wrong" in others
    assert "from 3 articles: 2 calls" in cost


def test_what_could_not_be_measured_is_said(capsys) -> None:
    draft = replace(DRAFT, effect=None, unmeasured="add `judge`", usage=Usage())
    show_draft(draft, quiet=False)
    assert "tags/bread: not measured: add --judge" in capsys.readouterr().err
    show_draft(draft, quiet=True)
    assert capsys.readouterr().err == ""
