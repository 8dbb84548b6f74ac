"""Tells a model that cannot follow the rubric from a prompt injection by the article."""

from __future__ import annotations

import asyncio
from typing import Final

from classifier.errors import ModelError
from classifier.models import Article, Usage
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


class ModelCheck:
    """Asks about a neutral text, once, when an answer gives reason to doubt the model."""

    def __init__(self, builder: RequestBuilder) -> None:
        self._builder = builder
        self._asking = asyncio.Lock()
        self._asked = False

    async def doubt(self, reply: Reply, request: ChatRequest, client: ChatClient) -> Usage:
        """Check the model, if this answer is doubtful and no earlier one was; return what it took.

        Raises:
            ModelError: the model scores the canary, or everything alike, for the neutral text too.
        """
        if not (tampered(reply, request) or flat(reply)):
            return Usage()
        async with self._asking:
            if self._asked:
                return Usage()
            message = encode(self._builder.prompts.article(NEUTRAL, text=NEUTRAL.body))
            again = make_request(message, request.targets, canary=request.canary)
            answer = await client.ask(again)
            self._asked = True
        if tampered(answer, again) or flat(answer):
            raise ModelError(
                f"the model {self._builder.model!r} cannot follow the rubric: it scores a text "
                "that belongs to no category as if it did; use a larger model, or --scorer embedded"
            )
        return answer.usage


def flat(reply: Reply) -> bool:
    """Tell whether three categories or more have the same scores, and high ones."""
    scores = [tuple(answer.aspects.values()) for answer in reply.answers]
    high = all(answer.confidence >= _FLAT_FROM for answer in reply.answers)
    return len(scores) >= 3 and len(set(scores)) == 1 and high
