from __future__ import annotations

import pytest
from support.blocks import added, yaml
from support.editing import edit

from classifier.content.front_matter import editor as editing
from classifier.content.front_matter.model import EditError


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("title: y\ntags: [a, b]\n", "another key"),
        ("tags: [a, b]\n", "another key"),
        ("tags: [a, b]\ntitle: x\n", "another key"),
        ("title: x\nn: 1.0\ntags: [a, b]\n", "another key"),
        ("title: x\nn: 1\ntags: [a, 2]\n", "read back"),
        ("title: x\nn: 1\ntags: [a\n", "read back"),
        ("title: x\nn: 1\n", "read back"),
        ("title: x\nn: 1\ntags: [a, b]\n---\n", "read back"),
    ],
)
def test_an_edit_that_went_wrong_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str, why: str
) -> None:
    monkeypatch.setattr(editing, "patched", lambda *_: wrong)
    with pytest.raises(EditError, match=why):
        edit(yaml("title: x\nn: 1\ntags: [a]\n"), "tags", ["a", "b"])


def test_aliases_without_end_are_compared_in_no_time() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    block = "\n".join([*lines, "own: &own [*own]", "tags: [a]\n"])
    assert added(yaml(block), "b") == yaml(block.replace("tags: [a]", "tags: [a, b]"))
