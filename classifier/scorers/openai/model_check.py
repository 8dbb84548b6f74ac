"""Tells a model that cannot follow the rubric from a prompt injection by the article."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final

from classifier.errors import ModelError
from classifier.models import Article, Category, Task, Usage
from classifier.scorers.base import Memory
from classifier.scorers.openai.client import ChatClient
from classifier.scorers.openai.requests import ChatRequest, RequestBuilder, encode, make_request
from classifier.scorers.openai.responses import Reply, tampered

NEUTRAL: Final = Article(
    id="",
    title="Three boxes",
    body="The shelf in the hall holds three grey boxes. One is empty. Nobody knows who left them.",
)
"""Belongs to nothing."""

_FLAT_FROM: Final = 0.3
"""Confidence (0-1) from which the same scores for all categories say that a model did not judge."""
_PASSED_FOR: Final = 30 * 24 * 3600.0
"""Seconds: a server may have another model under the same name by then."""


class ModelCheck:
    """Asks about a neutral text, at most once, unless the model has passed before."""

    def __init__(self, builder: RequestBuilder, scorer: str, memory: Memory | None) -> None:
        """Check the model of `builder`.

        Args:
            builder: Makes the requests.
            scorer: Identity of the scorer: model, server and prompts.
            memory: Where it is kept that a model has passed; None: nowhere.
        """
        self._builder = builder
        self._name = f"model check {scorer}"
        self._memory = memory
        self._asking = asyncio.Lock()
        self._done = False

    async def doubt(self, reply: Reply, request: ChatRequest, client: ChatClient) -> Usage:
        """Check the model if this answer is doubtful; return what it took.

        Raises:
            ModelError: the model scores the canary, or everything alike, for the neutral text too.
        """
        if not (tampered(reply, request) or flat(reply)):
            return Usage()
        message = encode(self._builder.prompts.article(NEUTRAL, text=NEUTRAL.body))
        again = make_request(message, request.targets, canary=request.canary)
        return await self._ask(again, client)

    async def before(self, categories: Iterable[Category], client: ChatClient) -> Usage:
        """Check the model before anything is paid; otherwise as `doubt`."""
        request, *_ = self._builder.build(Task(NEUTRAL, tuple(categories)))
        return await self._ask(request, client)

    async def _ask(self, request: ChatRequest, client: ChatClient) -> Usage:
        async with self._asking:
            if self._done or await asyncio.to_thread(self.has_passed):
                return Usage()
            answer = await client.ask(request)
            self._done = True
        if tampered(answer, request) or flat(answer):
            raise ModelError(
                f"the model {self._builder.model!r} cannot follow the rubric: it scores a text "
                "that belongs to no category as if it did; use a larger model, or `scorer=embedded`"
            )
        if self._memory is not None and answer.answers:
            await asyncio.to_thread(self._memory.remember, self._name, f"{time.time():.0f}")
        return answer.usage

    def has_passed(self) -> bool:
        """Whether the model has passed lately."""
        passed = "" if self._memory is None else self._memory.remembered(self._name) or ""
        return passed.isdecimal() and time.time() - int(passed) < _PASSED_FOR


def flat(reply: Reply) -> bool:
    """Tell whether three categories or more have the same scores, and high ones."""
    scores = [tuple(answer.aspects.values()) for answer in reply.answers]
    high = all(answer.confidence >= _FLAT_FROM for answer in reply.answers)
    return len(scores) >= 3 and len(set(scores)) == 1 and high
