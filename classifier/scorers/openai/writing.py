"""A text that a language model writes, within the limits and the budget of its scorer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from classifier.errors import ModelError
from classifier.models import Usage
from classifier.scorers.openai import api_errors, completions, costs
from classifier.scorers.openai.api_errors import UnusableResponseError
from classifier.scorers.openai.client import ChatClient, retry
from classifier.scorers.openai.limits import OverBudgetError
from classifier.scorers.openai.requests import EncodedText, encode

_ANSWER_TOKENS: Final = 2_000
"""What a text takes, reasoning included; for the budget."""


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    """As the model sent it; nothing in it is checked."""
    usage: Usage
    model: str
    """As it names itself."""
    completion: Mapping[str, Any] = field(repr=False)
    """The body of the response."""


async def write(client: ChatClient, system: str, user: str) -> Written:
    """Ask for one text.

    Raises:
        ModelError: There is none; the message is one line with the reason.
    """
    body = {
        "model": client.builder.model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
    }
    content = encode(body)
    if client.tracing is None:
        return await _write(client, content)
    with client.tracing.call() as done:
        done.request = content.json.encode()
        written = await _write(client, content)
        done.usage, done.model, done.response = written.usage, written.model, written.completion
    return written


async def _write(client: ChatClient, content: EncodedText) -> Written:
    from openai import APIError

    async def attempt() -> Written:
        return await _sent(client, content.json.encode(), content.tokens)

    try:
        return await retry(attempt, client.builder.options.retry)
    except (APIError, TimeoutError, OverBudgetError, UnusableResponseError) as error:
        failure = client.explain(error)
        raise ModelError(failure.message) from None


async def _sent(client: ChatClient, content: bytes, tokens: int) -> Written:
    client.check_open()
    builder = client.builder
    price = builder.price("standard")
    usual = Usage(calls=1, input_tokens=tokens, output_tokens=_ANSWER_TOKENS)
    expected = (price(usual) if price else None) or 0.0
    reservation = await client.budget.reserve(expected)
    spent = expected
    try:
        await client.limiter.start(tokens + _ANSWER_TOKENS)
        try:
            response = await client.connection.post(content)
        finally:
            client.limiter.finish()
        body = completions.decode(response.text)
        if error := completions.error_within(body):
            headers = list(response.headers.items())
            raise api_errors.from_body(client.connection.url, *error, headers=headers)
        found = body if isinstance(body, dict) else {}
        usage = costs.first_priced(
            completions.usage(found), (builder.model,), base_url=builder.base_url, tier="standard"
        )
        spent = usage.cost if usage.cost is not None else expected
        return Written(_text(found), usage, str(found.get("model") or builder.model), found)
    finally:
        reservation.settle(spent)


def _text(body: Mapping[str, Any]) -> str:
    try:
        content = body["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return ""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        content = "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
