"""Archives of mail (mbox): each message is an article, without its attachments."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from classifier import small_files
from classifier.content.formats import html
from classifier.content.formats.extract import (
    LARGEST,
    Extract,
    Item,
    UnreadableError,
    bounded,
    named,
)


def read(path: Path) -> Iterator[Item]:
    """Yield the messages, named by their Message-ID. Raises UnreadableError, OSError."""
    for number, data in enumerate(_messages(path), 1):
        name = f"message {number}"
        if len(data) > LARGEST:
            yield Item(name, f"is larger than {LARGEST // 10**6} MB")
            continue
        try:
            message = email.message_from_bytes(data, policy=default)
            assert isinstance(message, EmailMessage)
            id_ = " ".join(str(message.get("message-id", "")).split()).strip("<>")
            yield Item(id_ or name, _extract(message))
        except Exception as error:  # noqa: BLE001 - the parser raises anything on damaged headers
            yield Item(name, f"cannot be read as mail: {type(error).__name__}")


def _messages(path: Path) -> Iterator[bytes]:
    """Yield the bytes of each message, at most one more than `LARGEST`."""
    small_files.refuse_pipe(path)
    with path.open("rb") as file:
        lines: list[bytes] | None = None
        size, blank = 0, True
        while line := file.readline(LARGEST):
            if blank and line.startswith(b"From "):
                if lines is not None:
                    yield b"".join(lines)
                lines, size = [], 0
            elif lines is None:
                if line.strip():
                    raise UnreadableError("is no mbox: it does not start with a line 'From '")
            elif size <= LARGEST:
                # A line of the text that begins so is written with a `>` before it.
                lines.append(line[1:] if line.lstrip(b">").startswith(b"From ") else line)
                size += len(line)
            blank = not line.strip()
        if lines is not None:
            yield b"".join(lines)


def _extract(message: EmailMessage) -> Extract | str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return "has no text"
    try:
        content = part.get_content()
    except LookupError:  # a character set that nobody knows
        content = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")  # type: ignore[union-attr]
    text = str(content).replace("\r\n", "\n")
    if part.get_content_type() == "text/html":
        text = html.fragment(text)
    language = str(message.get("content-language", "")).partition(",")[0]
    return Extract(
        body=bounded(text), meta=named(title=str(message.get("subject", "")), lang=language)
    )
