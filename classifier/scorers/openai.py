"""Any model behind an OpenAI-compatible Chat Completions server (docs/openai.md)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from classifier import passages
from classifier import prompts as prompt_files
from classifier.errors import UsageError
from classifier.models import Category, Outcome, Task, digest
from classifier.prompts import Prompts
from classifier.scorers import assemble, wire
from classifier.scorers.chat import Chat, Endpoint, Options
from classifier.scorers.event_loop import EventLoop

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["OFFICIAL", "OpenAIScorer", "Options"]

OFFICIAL: Final = "https://api.openai.com/v1"
NO_KEY: Final = "no-key-needed"
"""Sent where there is no key: the SDK insists on one."""


class OpenAIScorer:
    """Satisfies `Scorer`. Picklable; `score` may run several times, in several threads at once."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        prompts: Prompts | None = None,
        options: Options | None = None,
    ) -> None:
        """Without `base_url` it is the official API, which needs OPENAI_API_KEY."""
        if not model:
            raise UsageError("the openai scorer needs a model; name one with --model")
        self._endpoint = Endpoint(
            model=model,
            base_url=_address(base_url or OFFICIAL),
            prompts=prompts or prompt_files.load(),
            options=options or Options(),
        )

    def __repr__(self) -> str:
        return f"OpenAIScorer({self.identity!r})"

    @property
    def identity(self) -> str:
        """Not covered: speed (concurrency, timeouts, retries), and the size of a pack.

        Which categories travelled together is recorded with each judgement instead: packs are of
        any size anyway where some of an article's judgements are known already.
        """
        endpoint, options = self._endpoint, self._endpoint.options
        covered = digest(
            wire.VERSION,
            endpoint.model,
            endpoint.base_url,
            endpoint.prompts.digest,
            (options.decoy, options.temperature, options.effort),
        )
        return f"openai:{endpoint.model}:{covered}"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield outcomes as they finish. Closing the iterator cancels the calls in flight.

        Raises:
            UsageError: at the first outcome, where OPENAI_API_KEY is needed and not usable.
        """
        key = _key(required=self._endpoint.base_url == OFFICIAL)
        most = self._endpoint.options.concurrency
        pending = iter(tasks)
        with EventLoop() as loop, _connected(loop, self._endpoint.base_url, key) as client:
            chat = Chat(self._endpoint, client, asyncio.Semaphore(most))
            done: SimpleQueue[Future[Outcome]] = SimpleQueue()
            running = 0
            while True:
                for task in islice(pending, most - running):
                    loop.submit(self._judge(task, chat)).add_done_callback(done.put)
                    running += 1
                if not running:
                    return
                outcome = done.get().result()
                running -= 1
                yield outcome

    async def _judge(self, task: Task, chat: Chat) -> Outcome:
        text = passages.prose(task.article.body).text
        requests = [
            wire.request(task.article, text, pack, decoy=self._decoy)
            for pack in wire.packs(task.categories, self._endpoint.options.pack)
        ]
        groups = await asyncio.gather(*(self._group(request, chat) for request in requests))
        return assemble.outcome(task, groups, scorer=self.identity)

    async def _group(self, asked: wire.Request, chat: Chat) -> assemble.Group:
        """Ask about a pack, then once more, alone, about each category that was left out."""
        reply = await chat.ask(asked)
        first = assemble.Exchange(asked, reply)
        if wire.tampered(reply, asked):
            return assemble.Group(first)

        async def alone(category: Category) -> assemble.Exchange:
            others = () if category is asked.decoy else (category,)
            request = wire.request(asked.article, asked.text, others, decoy=asked.decoy)
            return assemble.Exchange(request, await chat.ask(request))

        # Where nothing was answered, there is nothing the decoy alone would vouch for.
        missing = [c for c in reply.missing if reply.verdicts or c is not asked.decoy]
        again = await asyncio.gather(*(alone(category) for category in missing))
        return assemble.Group(first, tuple(again))

    @property
    def _decoy(self) -> Category | None:
        return self._endpoint.prompts.decoy if self._endpoint.options.decoy else None


@contextmanager
def _connected(loop: EventLoop, base_url: str, key: str) -> Iterator[AsyncOpenAI]:
    client = loop.run(_client(base_url, key))
    try:
        yield client
    finally:
        loop.cancel()  # before the client goes: what is in flight still uses it
        loop.run(client.close())


async def _client(base_url: str, key: str) -> AsyncOpenAI:
    from openai import AsyncOpenAI

    # Retries and the time limit are ours (chat.py): the SDK's would come on top.
    return AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0, timeout=None)


def _key(*, required: bool) -> str:
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if required and not key:
        raise UsageError(
            "OPENAI_API_KEY is not set; set it, or name a server that needs none with --base-url"
        )
    if not (key.isascii() and key.isprintable()):
        raise UsageError("OPENAI_API_KEY has characters that no key has; copy it again")
    return key or NO_KEY


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(c.isspace() for c in url):
        raise UsageError(
            f"base_url: {url!r} is not an address; one looks like http://localhost:8080/v1"
        )
    return url.rstrip("/")
