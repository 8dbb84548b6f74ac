"""A folder of articles for a cascade: a keyword scorer first, then a server on loopback."""

from __future__ import annotations

from pathlib import Path

from support.chat_server import ChatServer

TITLES = ("Bread", "Cheese", "Olives", "Wine")
ARTICLES = 40
PAIRS = 5 * ARTICLES


def write_cascade_site(folder: Path) -> None:
    (folder / "site").mkdir()
    for number in range(ARTICLES):
        title = TITLES[number % 4]
        text = f"Of {title}, number {number}. {title} again, and once more {title}."
        (folder / "site" / f"{number:02}.md").write_text(f"{text}\n")


def asked(server: ChatServer) -> int:
    """Pairs; each call has a canary beside."""
    return sum(len(request.categories) - 1 for request in server.requests)
