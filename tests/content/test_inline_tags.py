from __future__ import annotations

import pytest

from classifier.content.inline_tags import inline_tags


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        ("A #topic/bread day and #Öfen.", ["topic/bread", "Öfen"]),
        ("#2024 is none, #y2024 is one", ["y2024"]),
        ("# Heading\n## Another\nissue#4 https://a/#b &#x27;", []),
        ("`#code` [[note#part]] %% #hidden %% <!-- #comment -->", []),
        ("```\n#fenced\n```\n#after", ["after"]),
        ("~~~\n#never closed", []),
        ("#a/ #-b #c-d", ["a", "-b", "c-d"]),
    ],
)
def test_tags_are_what_obsidian_takes_for_tags(body: str, tags: list[str]) -> None:
    assert inline_tags(body) == tags
