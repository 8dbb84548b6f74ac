"""A server that speaks Anthropic's or Google's protocol, behind the port of `Connection`.

Requests and replies are those of Chat Completions: here they are translated, by the model classes
of pydantic-ai, so that packs, checks, budgets, retries and prices are the same for all servers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx2

from classifier.errors import UsageError
from classifier.scorers.openai import api_errors, servers
from classifier.scorers.openai.api_errors import UnusableResponseError
from classifier.scorers.openai.connection import MAX_BODY, Response, masked

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

    from classifier.scorers.openai.servers import Provider

_INSTALL: Final = "pip install 'category-classifier[providers]'"
_UNDERSTOOD: Final = frozenset(
    {"model", "messages", "response_format", "temperature", "max_completion_tokens", "max_tokens"}
)
_FINISH: Final = {"length": "length", "content_filter": "content_filter", "error": "error"}


@dataclass(frozen=True, slots=True)
class ProviderConnection:
    """Sends what a Chat Completions server would get. For one event loop."""

    key: str = field(repr=False)
    url: str
    _model: Model[Any]
    _http: httpx2.AsyncClient = field(repr=False)
    _time_limit: float

    @classmethod
    def open(
        cls, provider: Provider, model: str, key: str, *, max_connections: int, time_limit: float
    ) -> ProviderConnection:
        """`time_limit`: seconds for one request.

        Raises:
            UsageError: The client is not installed.
        """
        try:
            http = _http_client(
                provider.address, max_connections=max_connections, time_limit=time_limit
            )
            made = _model(provider, model, key, http)
        except ImportError:
            raise UsageError(f"models of {provider.name} need a client: {_INSTALL}") from None
        return cls(key, provider.address, made, http, time_limit)

    async def post(self, content: bytes) -> Response:
        """Send a request and return the response as Chat Completions has it.

        Raises:
            TimeoutError: the response was not complete in time.
            APIError: the SDK's error for the response or the connection.
            UnusableResponseError: the response cannot be read.
        """
        from httpx2 import Request
        from openai import APIConnectionError
        from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, UnexpectedModelBehavior
        from pydantic_ai.exceptions import UserError as UnsupportedError

        body = json.loads(content)
        if unknown := sorted(body.keys() - _UNDERSTOOD):
            raise self._rejected(f"{unknown[0]} is not supported", unknown[0])
        messages, settings, parameters = _request(body)
        try:
            async with asyncio.timeout(self._time_limit):
                response = await self._model.request(messages, settings, parameters)
        except ModelHTTPError as error:
            detail = error.body if isinstance(error.body, dict) else {"error": str(error.body)}
            detail = json.loads(masked(json.dumps(detail, default=str), self.key))
            headers = [(name, value) for name, value in (error.headers or {}).items()]
            raise api_errors.from_body(
                self.url, error.status_code, detail, headers=headers
            ) from None
        except UnsupportedError as error:
            raise self._rejected(
                f"response_format: json_schema: {error}", "response_format"
            ) from None
        except ModelAPIError as error:
            _raise_unusable(error)
            raise APIConnectionError(request=Request("POST", self.url)) from error
        except UnexpectedModelBehavior as error:
            _raise_unusable(error)
            raise UnusableResponseError(
                "the server's response is not what its protocol asks for"
            ) from None
        return Response(masked(json.dumps(_completion(response)), self.key), {})

    async def close(self) -> None:
        await self._http.aclose()

    def _rejected(self, message: str, parameter: str) -> Exception:
        error = {"message": message, "param": parameter, "type": "invalid_request_error"}
        return api_errors.from_body(self.url, 400, {"error": error})


def _raise_unusable(error: BaseException | None) -> None:
    """Raise what a response that is too long has raised inside of the client."""
    while error is not None:
        if isinstance(error, UnusableResponseError):
            raise error
        error = error.__cause__ or error.__context__


def _request(
    body: Mapping[str, Any],
) -> tuple[list[ModelMessage], ModelSettings, ModelRequestParameters]:
    from pydantic_ai.messages import InstructionPart, ModelRequest, UserPromptPart
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.models.anthropic import AnthropicModelSettings
    from pydantic_ai.output import OutputObjectDefinition

    system, user = (message["content"] for message in body["messages"])
    # Definitions come first and are the same for every article: Anthropic caches what is marked.
    settings = AnthropicModelSettings(
        max_tokens=body.get("max_completion_tokens") or body["max_tokens"],
        anthropic_cache_instructions=True,
    )
    if "temperature" in body:
        settings["temperature"] = body["temperature"]
    form = body.get("response_format", {})
    schema = form.get("json_schema", {}).get("schema")
    parameters = ModelRequestParameters(
        output_mode="native" if schema else "text",
        output_object=OutputObjectDefinition(json_schema=schema, strict=True) if schema else None,
        instruction_parts=[InstructionPart(content=system)],
    )
    messages = [ModelRequest(parts=[UserPromptPart(content=user)], instructions=system)]
    return list(messages), settings, parameters


def _completion(response: ModelResponse) -> dict[str, Any]:
    from pydantic_ai.messages import TextPart

    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    usage = response.usage
    return {
        "model": response.model_name,
        "choices": [
            {
                "finish_reason": _FINISH.get(response.finish_reason or "", "stop"),
                "message": {"content": text},
            }
        ],
        "usage": {
            "prompt_tokens": usage.input_tokens,
            "prompt_tokens_details": {
                "cached_tokens": usage.cache_read_tokens,
                "cache_write_tokens": usage.cache_write_tokens,
            },
            "completion_tokens": usage.output_tokens,
        },
    }


def _model(provider: Provider, model: str, key: str, http: httpx2.AsyncClient) -> Model[Any]:
    if provider.protocol == "anthropic":
        from anthropic import AsyncAnthropic
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        sdk = AsyncAnthropic(
            api_key=key,  # without one the SDK would look for Anthropic's own
            base_url=provider.address,
            max_retries=0,
            http_client=http,
            default_headers={"Authorization": f"Bearer {key}"}
            if provider.name.startswith("bedrock")
            else None,
        )
        return AnthropicModel(model, provider=AnthropicProvider(anthropic_client=sdk))
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    google = GoogleProvider(api_key=key, base_url=provider.address, http_client=http)
    return GoogleModel(model, provider=google)


def _http_client(url: str, *, max_connections: int, time_limit: float) -> httpx2.AsyncClient:
    """Return a client for one server that follows no redirect. `time_limit`: seconds."""
    inner = httpx2.AsyncHTTPTransport(
        verify=servers.tls_context() if url.startswith("https") else False,
        proxy=servers.proxy(url),
        limits=httpx2.Limits(max_connections=max_connections),
    )
    return httpx2.AsyncClient(
        transport=BoundedTransport(inner),
        trust_env=False,
        follow_redirects=False,
        timeout=time_limit,
    )


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Passes on responses of up to `MAX_BODY` bytes that are not packed.

    Packed, a short response may be a long one.

    Raises:
        UnusableResponseError: A response is longer, or packed.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["accept-encoding"] = "identity"
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise UnusableResponseError("the server packs its response, though asked not to")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _BoundedStream(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > MAX_BODY:
                raise UnusableResponseError(
                    f"the server's response is longer than {MAX_BODY:,} bytes; try another model"
                )
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
