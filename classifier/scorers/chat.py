"""One request, one reply: what the server accepts, trying again, counting tokens and money."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from classifier.errors import UsageError
from classifier.prompts import Prompts
from classifier.scorers import capabilities, prices, troubles, wire
from classifier.scorers.capabilities import JSON_OBJECT, JSON_SCHEMA, Effort, Features, Learned
from classifier.scorers.retry import Patience, persist

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    pack: int = 10
    """Categories per call, at most."""
    decoy: bool = True
    concurrency: int = 4
    """Calls at a time."""
    timeout: float = 120.0
    """Seconds for one try of one call."""
    patience: Patience = field(default_factory=Patience)
    temperature: float | None = 0.0
    """None: the server's default. Not sent to models known to reject it."""
    effort: Effort | None = None
    """How much a reasoning model thinks; None: the server's default."""

    def __post_init__(self) -> None:
        for name, least in (("pack", 1), ("concurrency", 1), ("timeout", 0.001)):
            value = getattr(self, name)
            if value < least:
                raise UsageError(f"{name}: {value!r} is too small; use {least} or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where requests go and how they are made."""

    model: str
    base_url: str
    prompts: Prompts
    options: Options
    learned: Learned = field(default_factory=Learned)


@dataclass(frozen=True, slots=True)
class Chat:
    """An endpoint with a client, for as long as one event loop runs."""

    endpoint: Endpoint
    client: AsyncOpenAI = field(repr=False)
    slots: asyncio.Semaphore
    """How many calls may be out at a time."""

    async def ask(self, asked: wire.Request) -> wire.Reply:
        """Never raises for what a server does: that is a reply with a failure."""
        from openai import APIError

        endpoint = self.endpoint
        try:
            async with self.slots:
                text = await persist(partial(self._attempt, asked), endpoint.options.patience)
        except (APIError, TimeoutError) as error:
            return wire.Reply(failure=troubles.explain(error, secret=self.client.api_key))
        reply = wire.read(text, asked, endpoint.prompts)
        usage = prices.priced(
            reply.usage, model=reply.model or endpoint.model, base_url=endpoint.base_url
        )
        return replace(reply, usage=usage)

    async def _attempt(self, asked: wire.Request) -> str:
        """Send it, again at once without whatever the server turns out not to know."""
        from openai import APIStatusError

        learned = self.endpoint.learned
        suspected: set[str] = set()
        while True:
            features = self._features(learned.refused | suspected, len(asked.categories))
            try:
                text = await self._post(body(asked, self.endpoint, features))
            except APIStatusError as error:
                said = troubles.words(error)
                if named := capabilities.refusal(error.status_code, said, features):
                    learned.refused.add(named)
                elif suspect := capabilities.suspect(error.status_code, features, learned.proven):
                    suspected.add(suspect)
                else:
                    raise
            else:
                learned.refused.update(suspected)
                learned.proven.update(features.names)
                return text

    async def _post(self, content: dict[str, Any]) -> str:
        # The raw text, read by us: a third of the SDK's own cost, and no guess about odd servers.
        async with asyncio.timeout(self.endpoint.options.timeout):
            return await self.client.post("/chat/completions", cast_to=str, body=content)

    def _features(self, refused: set[str], categories: int) -> Features:
        options = self.endpoint.options
        return capabilities.features(
            self.endpoint.model,
            refused,
            categories=categories,
            temperature=options.temperature,
            effort=options.effort,
        )


def body(asked: wire.Request, endpoint: Endpoint, features: Features) -> dict[str, Any]:
    """Return the request's body, the same bytes whenever it is asked for."""
    content: dict[str, Any] = {
        "model": endpoint.model,
        "messages": wire.messages(
            asked, endpoint.prompts, describe_format=features.mode != JSON_SCHEMA
        ),
        **features.parameters,
    }
    if features.mode == JSON_SCHEMA:
        largest = endpoint.options.pack + endpoint.options.decoy
        content["response_format"] = wire.response_format(
            tuple(endpoint.prompts.aspects), at_most=largest if features.bounded else None
        )
    elif features.mode == JSON_OBJECT:
        content["response_format"] = {"type": "json_object"}
    return content
