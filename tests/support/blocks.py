"""Files with a block of front matter, and a body that looks like one."""

from __future__ import annotations

from support.editing import edit

BODY = "\nA line.\n\n---\ntags: [in, the, body]\n"


def yaml(block: str) -> bytes:
    return f"---\n{block}---\n{BODY}".encode()


def toml(block: str) -> bytes:
    return f"+++\n{block}+++\n{BODY}".encode()


def json(block: str) -> bytes:
    return f"{block}\n{BODY}".encode()


def added(data: bytes, *new: str) -> bytes:
    return edit(data, "tags", lambda there: (*there, *new))
