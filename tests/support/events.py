"""What a project reported."""

from __future__ import annotations

from collections.abc import Iterable

from classifier.project.events import Event, Message


def warnings(events: Iterable[Event]) -> list[str]:
    return [
        event.text for event in events if isinstance(event, Message) and event.level == "warning"
    ]
