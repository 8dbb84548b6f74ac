"""Put another description and other Instructions into the file of a definition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import yaml

from classifier.content.front_matter import reading

_REPLACED: Final = frozenset({"description", "abstract", "instructions", "include", "exclude"})


class RewriteError(ValueError):
    """Why a definition cannot be rewritten; one line, without the file's name."""


def rewritten(
    text: str, *, description: str, scope: str, topics: Sequence[str], exclusions: Sequence[str]
) -> str:
    """Return a definition's file with another content; other keys and the body stay.

    Args:
        text: The file.
        description: One line, as all others.
        scope: What an article must be about.
        topics: The key topics.
        exclusions: What does not belong.

    Raises:
        RewriteError: Its front matter is not YAML, or not a plain list of keys.
    """
    front = reading.parse(text, as_text=True)
    if front.format != "yaml" or front.block is None:
        raise RewriteError("its front matter is not YAML between --- lines")
    start, end = front.block
    block = text[start:end]
    newline = "\r\n" if "\r\n" in block else "\n"
    said = {"description": description, "Instructions": _instructions(scope, topics, exclusions)}
    written = yaml.dump(
        said, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, line_break=newline
    )
    kept = _without(block, newline)
    return f"{text[:start]}{kept}{written}{text[end:]}"


def _without(block: str, newline: str) -> str:
    root = yaml.compose(block, Loader=yaml.SafeLoader)
    if root is None:
        return block
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise RewriteError("its front matter is not a plain list of keys")
    starts = [key.start_mark.index for key, _ in root.value] + [len(block)]
    parts = [block[: starts[0]]]
    for number, (key, _) in enumerate(root.value):
        if str(key.value).casefold() not in _REPLACED:
            parts.append(block[starts[number] : starts[number + 1]])
    kept = "".join(parts)
    return kept if not kept or kept.endswith("\n") else kept + newline


def _instructions(scope: str, topics: Sequence[str], exclusions: Sequence[str]) -> str:
    lines = [scope, "", "Key topics:", "", *(f"- {topic}" for topic in topics)]
    if exclusions:
        lines += ["", "Strictly exclude:", "", *(f"- {rule}" for rule in exclusions)]
    return "\n".join(lines) + "\n"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
