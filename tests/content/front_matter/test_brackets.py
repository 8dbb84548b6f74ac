from __future__ import annotations

import pytest
from support.blocks import added, yaml
from support.editing import edit

from classifier.content.front_matter.model import EditError


@pytest.mark.parametrize(
    ("wanted", "lost"), [(["b"], True), (["a"], True), ([], True), (["a", "x", "b"], False)]
)
def test_no_comment_in_brackets_is_lost(wanted: list[str], lost: bool) -> None:
    data = yaml("tags: [\n  a,\n  # of b\n  b\n  ]\n")
    if not lost:
        assert edit(data, "tags", wanted).count(b"# of b") == 1
        return
    with pytest.raises(EditError, match="comment"):
        edit(data, "tags", wanted)


def test_empty_brackets_around_a_comment_are_left_alone() -> None:
    with pytest.raises(EditError, match="comment"):
        added(yaml("tags: [\n  # none\n  ]\n"), "a")
