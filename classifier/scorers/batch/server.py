"""The files and batches of one server, through the official client; trouble is one line.

Answers are read as the JSON they are: the client's own classes take a server's word for the types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Final

from classifier.errors import ServerError
from classifier.scorers.batch.drafts import URL
from classifier.scorers.openai import api_errors
from classifier.scorers.openai.api_errors import is_transient
from classifier.scorers.openai.options import api_key
from classifier.scorers.openai.responses import one_line

if TYPE_CHECKING:
    from openai import OpenAI

_ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})
_PAGE: Final = 100
_MOST_PAGES: Final = 100
"""Looked through, latest first, for what was sent not long ago."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a whole batch was refused."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A batch as its server describes it."""

    batch_id: str
    status: str
    total: int
    """Requests, as are the next two."""
    completed: int
    failed: int
    files: tuple[str, ...]
    """Ids of those with answers: what was answered, then what was not."""
    problems: tuple[Problem, ...]

    @property
    def ended(self) -> bool:
        return self.status in _ENDED

    @property
    def crowded_out(self) -> bool:
        """Whether there was no room for it in the queue, and nothing else was wrong."""
        return self.status == "failed" and any(
            problem.code == "token_limit_exceeded" for problem in self.problems
        )


class Server:
    """Every method raises ServerError where the server refuses or cannot be reached."""

    def __init__(self, base_url: str, *, timeout: float = 600.0, retries: int = 3) -> None:
        """`timeout`: seconds without a sign of life. The key is needed at the first request."""
        self.base_url = base_url
        self._timeout = timeout
        self._retries = retries

    @cached_property
    def _key(self) -> str:
        return api_key(self.base_url)

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(
            api_key=self._key,
            base_url=self.base_url,
            timeout=self._timeout,
            max_retries=self._retries,
        )

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    # --- files -----------------------------------------------------------------------------------

    def upload(self, file: IO[bytes], name: str) -> str:
        """Return the file's id. What is there is not changed: a second upload makes a second."""
        file.seek(0)
        with self._one_line("the file of requests could not be uploaded"):
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

        with self._one_line("the files could not be listed"):
            for file in _listed(page):
                if (file.get("filename"), file.get("bytes")) == (name, size):
                    return _id(file)
        return None

    def download(self, file_id: str, to: IO[bytes]) -> None:
        import httpx2

        with self._one_line(f"the answers ({one_line(file_id, 60)}) could not be fetched"):
            try:
                with self._client.files.with_streaming_response.content(file_id) as answer:
                    for data in answer.iter_bytes():
                        to.write(data)
            except httpx2.HTTPError as error:
                raise ServerError(
                    "the connection broke off while answers were fetched: run it again",
                    passing=True,
                ) from error

    # --- batches ---------------------------------------------------------------------------------

    def start(self, file_id: str, metadata: Mapping[str, str]) -> Seen:
        """Have a file worked on. Tried once: what may have begun must not be begun again."""
        with self._one_line("the batch could not be started"):
            once = self._client.with_options(max_retries=0)
            answer = once.batches.with_raw_response.create(
                input_file_id=file_id,
                endpoint=URL,
                completion_window="24h",
                metadata=dict(metadata),
            )
            return _seen(_object(answer))

    def find(self, metadata: Mapping[str, str]) -> Seen | None:
        """Return the batch that was started with that metadata."""

        def page(after: Mapping[str, str]) -> Any:
            return self._client.batches.with_raw_response.list(limit=_PAGE, extra_query=after)

        with self._one_line("the batches could not be listed"):
            for batch in _listed(page):
                if _mapping(batch.get("metadata")).items() >= metadata.items():
                    return _seen(batch)
        return None

    def look(self, batch_id: str) -> Seen:
        with self._one_line(f"batch {one_line(batch_id, 60)} could not be looked at"):
            return _seen(_object(self._client.batches.with_raw_response.retrieve(batch_id)))

    def cancel(self, batch_id: str) -> Seen:
        with self._one_line(f"batch {one_line(batch_id, 60)} could not be cancelled"):
            return _seen(_object(self._client.batches.with_raw_response.cancel(batch_id)))

    @contextmanager
    def _one_line(self, what: str) -> Iterator[None]:
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
    """Return what the server said, which should be a JSON object."""
    try:
        said = answer.http_response.json()
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, Mapping):
        raise ServerError(
            "the server knows no batches: its answer is not the JSON that was expected; does"
            " --base-url end in the API's path, such as /v1?"
        )
    return said


def _listed(page: Callable[[Mapping[str, str]], Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a list holds, latest first."""
    after: Mapping[str, str] = {}
    for _ in range(_MOST_PAGES):
        found = _object(page(after))
        data = found.get("data")
        items = [_mapping(it) for it in data] if isinstance(data, list) else []
        yield from items
        if not items or not found.get("has_more"):
            return
        after = {"after": str(items[-1].get("id"))}


def _seen(said: Mapping[str, Any]) -> Seen:
    counts = _mapping(said.get("request_counts"))
    data = _mapping(said.get("errors")).get("data")
    problems = [_mapping(it) for it in data] if isinstance(data, list) else []
    return Seen(
        batch_id=_id(said),
        status=one_line(str(said.get("status") or ""), 40),
        total=_count(counts.get("total")),
        completed=_count(counts.get("completed")),
        failed=_count(counts.get("failed")),
        files=tuple(
            str(said[name]) for name in ("output_file_id", "error_file_id") if said.get(name)
        ),
        problems=tuple(
            Problem(one_line(str(it.get("code") or ""), 60), one_line(str(it.get("message") or "")))
            for it in problems
        ),
    )


def _id(said: Mapping[str, Any]) -> str:
    found = said.get("id")
    if not isinstance(found, str) or not found:
        raise ServerError("the server's answer has no id: does it know batches?")
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
