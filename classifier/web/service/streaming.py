"""Many articles in one request: a line in, a line out, in order, as they are judged."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from pydantic import ValidationError

from classifier.outputs.json import to_json
from classifier.sanitize import json_line
from classifier.web.service import problems
from classifier.web.service.bodies import ClassifyRequest
from classifier.web.service.service import Service

TYPE: Final = "application/x-ndjson"
WINDOW: Final = 64
"""Articles of one stream that are under way at once: two batches of the embedded scorer."""


async def answers(service: Service, lines: Sequence[bytes]) -> AsyncIterator[bytes]:
    """Yield a line for each line: a result, or the problem with it.

    A client that does not read is not judged ahead of by more than `WINDOW` articles.
    """
    pending: deque[asyncio.Task[str]] = deque()
    waiting = iter(enumerate(lines, 1))
    try:
        while True:
            while len(pending) < WINDOW and (numbered := next(waiting, None)):
                pending.append(asyncio.create_task(_answer(service, *numbered)))
            if not pending:
                return
            yield (await pending[0] + "\n").encode()
            pending.popleft()
    finally:
        for task in pending:
            task.cancel()


async def _answer(service: Service, number: int, line: bytes) -> str:
    try:
        request = ClassifyRequest.model_validate_json(line)
        return to_json(await service.classify(request, wait=True))
    except ValidationError as error:
        return _line(problems.invalid(error.errors(include_input=False)), number)
    except Exception as error:  # noqa: BLE001 - one article never ends a stream
        return _line(problems.of(error)[0], number)


def _line(problem: dict[str, Any], number: int) -> str:
    return json_line({**problem, "line": number})


def split(body: bytes, *, most: int) -> list[bytes] | None:
    """Return the lines that are not blank; None for more than `most`."""
    if body.count(b"\n") > 2 * most:
        return None
    lines = [line for line in body.split(b"\n") if line.strip()]
    return lines if len(lines) <= most else None
