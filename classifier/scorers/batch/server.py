"""Files and batches at one server, through the official client.

Responses are read as plain JSON: the client's own classes do not check the types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from classifier.errors import ServerError
from classifier.scorers.batch.builder import URL
from classifier.scorers.openai import api_errors, completions, servers
from classifier.scorers.openai.api_errors import is_transient
from classifier.scorers.openai.completions import error_message, one_line
from classifier.scorers.openai.servers import api_key

if TYPE_CHECKING:
    from openai import OpenAI

_ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})
_PAGE: Final = 100
_MOST_PAGES: Final = 100
"""Searched, latest first, for what was sent recently."""


@dataclass(frozen=True, slots=True)
class BatchProblem:
    """Why the server rejected a whole batch."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteBatch:
    """A batch as its server describes it."""

    batch_id: str
    status: str
    total: int
    """Number of requests, as are the next two."""
    completed: int
    failed: int
    files: tuple[str, ...]
    """Ids of the result files: of answered requests, then of failed ones."""
    problems: tuple[BatchProblem, ...]

    @property
    def ended(self) -> bool:
        return self.status in _ENDED

    @property
    def queue_full(self) -> bool:
        """Whether it failed only because the queue had no room for its tokens."""
        return self.status == "failed" and any(
            problem.code == "token_limit_exceeded" for problem in self.problems
        )


class BatchServer:
    """Every method raises ServerError if the server rejects a call or cannot be reached."""

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 600.0,
        retries: int = 3,
        send_key: bool = True,
    ) -> None:
        """`timeout`: seconds without data. The key is read at the first request, if it is sent."""
        self.base_url = base_url
        self._send_key = send_key
        self._timeout = timeout
        self._retries = retries

    @cached_property
    def _key(self) -> str:
        return api_key(self.base_url, send=self._send_key)

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        from classifier.scorers.batch import bounded

        proxy = servers.proxy(self.base_url)
        secure = "https" in (self.base_url[:5], (proxy or "")[:5])
        parts = urlsplit(self.base_url)
        return OpenAI(
            api_key=self._key,
            base_url=urlunsplit(parts._replace(query="")),
            default_query=dict(parse_qsl(parts.query)),
            timeout=self._timeout,
            max_retries=self._retries,
            http_client=bounded.client(
                proxy=proxy, verify=servers.tls_context() if secure else False
            ),
        )

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    # --- files -----------------------------------------------------------------------------------

    def upload(self, file: IO[bytes], name: str) -> str:
        """Return the id of the new file. A second upload makes a second file."""
        file.seek(0)
        with self._errors("uploading the request file failed"):
            answer = self._client.files.with_raw_response.create(
                file=(name, file, "application/jsonl"), purpose="batch"
            )
            return _id(_object(answer))

    def find_file(self, name: str, *, size: int) -> str | None:
        """Return the id of the latest file of that name and size in bytes."""

        def page(after: Mapping[str, str]) -> Any:
            return self._client.files.with_raw_response.list(
                purpose="batch", order="desc", limit=_PAGE, extra_query=after
            )

        with self._errors("listing files failed"):
            for file in _listed(page):
                if (file.get("filename"), file.get("bytes")) == (name, size):
                    return _id(file)
        return None

    def download(self, file_id: str, to: IO[bytes], *, most: int) -> None:
        """Append a file to another; more than `most` bytes is a ServerError of status 413."""
        import httpx2

        with self._errors(f"downloading results ({one_line(file_id, 60)}) failed"):
            try:
                with self._client.files.with_streaming_response.content(file_id) as answer:
                    for data in answer.iter_bytes():
                        most -= len(data)
                        if most < 0:
                            raise ServerError(
                                f"the results ({one_line(file_id, 60)}) are larger than results "
                                "of these requests can be; none is used",
                                status=413,
                            )
                        to.write(data)
            except httpx2.HTTPError as error:
                raise ServerError(
                    "the connection was lost while downloading results; run it again",
                    passing=True,
                ) from error

    # --- batches ---------------------------------------------------------------------------------

    def start(self, file_id: str, metadata: Mapping[str, str]) -> RemoteBatch:
        """Start a batch. Never retried: a start whose response was lost may have happened."""
        with self._errors("starting the batch failed"):
            once = self._client.with_options(max_retries=0)
            answer = once.batches.with_raw_response.create(
                input_file_id=file_id,
                endpoint=URL,
                completion_window="24h",
                metadata=dict(metadata),
            )
            return _remote_batch(_object(answer))

    def find(self, metadata: Mapping[str, str]) -> RemoteBatch | None:
        """Return the batch that was started with this metadata."""

        def page(after: Mapping[str, str]) -> Any:
            return self._client.batches.with_raw_response.list(limit=_PAGE, extra_query=after)

        with self._errors("listing batches failed"):
            for batch in _listed(page):
                if _mapping(batch.get("metadata")).items() >= metadata.items():
                    return _remote_batch(batch)
        return None

    def retrieve(self, batch_id: str) -> RemoteBatch:
        with self._errors(f"retrieving batch {one_line(batch_id, 60)} failed"):
            return _remote_batch(_object(self._client.batches.with_raw_response.retrieve(batch_id)))

    def cancel(self, batch_id: str) -> RemoteBatch:
        with self._errors(f"cancelling batch {one_line(batch_id, 60)} failed"):
            return _remote_batch(_object(self._client.batches.with_raw_response.cancel(batch_id)))

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        from openai import APIError

        try:
            yield
        except APIError as error:
            _, message = api_errors.explain(error, secret=self._key)
            raise ServerError(
                f"{what}: {message}",
                status=getattr(error, "status_code", None),
                passing=is_transient(error),
            ) from None


def _object(answer: Any) -> Mapping[str, Any]:
    """Return the JSON object of a response."""
    try:
        body = answer.http_response.json()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, Mapping):
        raise ServerError(
            "the server does not support batches: its response is not the expected JSON; check that"
            " `base_url` ends in the API path, such as /v1"
        )
    if error := completions.error_within(body):
        message = one_line(error_message(error[1])) or "no reason given"
        raise ServerError(f"the server returned an error: {message}", status=error[0])
    return body


def _listed(page: Callable[[Mapping[str, str]], Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the items of a paged list, latest first."""
    after: Mapping[str, str] = {}
    for _ in range(_MOST_PAGES):
        listing = _object(page(after))
        data = listing.get("data")
        items = [_mapping(item) for item in data] if isinstance(data, list) else []
        yield from items
        if not items or not listing.get("has_more"):
            return
        after = {"after": str(items[-1].get("id"))}


def _remote_batch(body: Mapping[str, Any]) -> RemoteBatch:
    counts = _mapping(body.get("request_counts"))
    data = _mapping(body.get("errors")).get("data")
    problems = [_mapping(item) for item in data] if isinstance(data, list) else []
    return RemoteBatch(
        batch_id=_id(body),
        status=one_line(str(body.get("status") or ""), 40),
        total=_count(counts.get("total")),
        completed=_count(counts.get("completed")),
        failed=_count(counts.get("failed")),
        files=tuple(
            str(body[name]) for name in ("output_file_id", "error_file_id") if body.get(name)
        ),
        problems=tuple(
            BatchProblem(
                one_line(str(problem.get("code") or ""), 60),
                one_line(str(problem.get("message") or "")),
            )
            for problem in problems
        ),
    )


def _id(body: Mapping[str, Any]) -> str:
    name = body.get("id")
    if not isinstance(name, str) or not name:
        raise ServerError("the server's response has no id; does it support batches?")
    return name


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 10**9 else 0
